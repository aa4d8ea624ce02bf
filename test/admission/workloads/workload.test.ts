import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readWorkload } from '../../../src/admission/workloads/workload.ts';
import { RESOURCES, ROLE_KEY, templateOf, workloadOf } from '../../builders/workload.ts';

const KNOWN = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
] as const;

const MISSPELT = 'k8s.aliyun.com/eci-ram-role-names';

suite('readWorkload', () => {
  for (const kind of KNOWN) {
    test(`reads the pod template of a ${kind}`, () => {
      const template = templateOf('reader', { spec: { serviceAccountName: 'api' } });
      const workload = readWorkload(RESOURCES[kind], workloadOf(kind, template));
      const template_ = kind === 'CronJob' ? 'spec.jobTemplate.spec.template' : 'spec.template';

      assert.equal(workload?.isCustom, false);
      assert.deepEqual(
        workload.places.map(({ path, role, pod }) => [path, role, pod?.serviceAccount]),
        [[`${template_}.metadata.annotations`, 'reader', 'api']],
      );
    });
  }

  for (const template of [null, undefined, 'text', [], { metadata: { annotations: { a: 7 } } }]) {
    test(`finds no place in the template ${JSON.stringify(template)}`, () => {
      const workload = readWorkload(
        RESOURCES.ReplicationController,
        workloadOf('ReplicationController', template),
      );
      assert.deepEqual(workload?.places, []);
    });
  }

  test('reads a template without metadata as one that names no role', () => {
    const workload = readWorkload(
      RESOURCES.Deployment,
      workloadOf('Deployment', { spec: { containers: [] } }),
    );
    assert.deepEqual(
      workload?.places.map(({ role, pod }) => [role, pod?.serviceAccount]),
      [[undefined, 'default']],
    );
  });

  test('looks for a misspelt key only where the right one names no role', () => {
    const misspelt = { [MISSPELT]: 'reader' };
    const keys = ['reader', '', undefined].map(
      (role) =>
        readWorkload(RESOURCES.Job, workloadOf('Job', templateOf(role, { annotations: misspelt })))?.places[0]
          ?.misspeltKey,
    );
    assert.deepEqual(keys, [undefined, MISSPELT, MISSPELT]);
  });

  suite('an annotation of the workload itself', () => {
    const annotated = (role: string) => ({ annotations: { [ROLE_KEY]: role } });
    const cronJob = (template: object) => ({
      metadata: annotated('a'),
      spec: { jobTemplate: { metadata: annotated('b'), spec: { template } } },
    });
    const belongsIn = 'spec.template.metadata.annotations';
    const cases = [
      {
        name: 'is misplaced',
        kind: 'Deployment',
        object: workloadOf('Deployment', templateOf(undefined), annotated('reader')),
        misplaced: [{ path: 'metadata.annotations', misspeltKey: undefined, role: 'reader', belongsIn }],
      },
      {
        name: 'is misplaced where the pods name another role',
        kind: 'Deployment',
        object: workloadOf('Deployment', templateOf('writer'), annotated('reader')),
        misplaced: [{ path: 'metadata.annotations', misspeltKey: undefined, role: 'reader', belongsIn }],
      },
      {
        name: 'does no harm where the pods name the same role',
        kind: 'Deployment',
        object: workloadOf('Deployment', templateOf('reader'), annotated('reader')),
        misplaced: [],
      },
      {
        name: 'is misplaced, by whatever key that is nearly right',
        kind: 'Deployment',
        object: workloadOf('Deployment', templateOf(undefined), {
          annotations: { [ROLE_KEY]: '', [MISSPELT]: 'reader' },
        }),
        misplaced: [{ path: 'metadata.annotations', misspeltKey: MISSPELT, role: 'reader', belongsIn }],
      },
      {
        name: 'does no harm where it is empty',
        kind: 'Deployment',
        object: workloadOf('Deployment', templateOf(undefined), annotated('')),
        misplaced: [],
      },
      {
        name: 'is misplaced on both levels of a CronJob',
        kind: 'CronJob',
        object: cronJob(templateOf(undefined)),
        misplaced: [
          {
            path: 'metadata.annotations',
            misspeltKey: undefined,
            role: 'a',
            belongsIn: 'spec.jobTemplate.spec.template.metadata.annotations',
          },
          {
            path: 'spec.jobTemplate.metadata.annotations',
            misspeltKey: undefined,
            role: 'b',
            belongsIn: 'spec.jobTemplate.spec.template.metadata.annotations',
          },
        ],
      },
      {
        name: 'of a kind that is not known may be for its pods',
        kind: 'CloneSet',
        object: workloadOf('CloneSet', templateOf(undefined), annotated('reader')),
        misplaced: [],
      },
    ] as const;

    for (const { name, kind, object, misplaced } of cases) {
      test(name, () => {
        assert.deepEqual(readWorkload(RESOURCES[kind], object)?.misplaced, misplaced);
      });
    }
  });

  const others = [
    { group: '', resource: 'pods' },
    { group: '', resource: 'podtemplates' },
    { group: '', resource: 'deployments' },
    { group: 'apps', resource: 'controllerrevisions' },
    { group: 'batch', resource: 'others' },
  ];

  for (const resource of others) {
    test(`reads no workload of ${resource.group}/${resource.resource}`, () => {
      assert.equal(readWorkload(resource, workloadOf('Deployment', templateOf('reader'))), undefined);
    });
  }

  test('searches any other kind', () => {
    const workload = readWorkload(RESOURCES.CloneSet, workloadOf('CloneSet', templateOf('reader')));
    assert.deepEqual([workload?.isCustom, workload?.places[0]?.role], [true, 'reader']);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseWorkloadChange, readWorkload } from '../../../../src/admission/workloads/read.ts';
import { RESOURCES, ROLE_KEY, requestOf, templateOf, workloadOf } from '../../../builders/workload.ts';

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

      assert.deepEqual(
        workload?.references.map(({ path, role, pod }) => [path, role, pod?.serviceAccount]),
        [[`${template_}.metadata.annotations`, 'reader', 'api']],
      );
    });
  }

  for (const template of [null, undefined, 'text', [], { metadata: { annotations: { a: 7 } } }]) {
    test(`finds no reference in the template ${JSON.stringify(template)}`, () => {
      const workload = readWorkload(
        RESOURCES.ReplicationController,
        workloadOf('ReplicationController', template),
      );
      assert.deepEqual(workload?.references, []);
    });
  }

  test('reads a template without metadata as one that names no role', () => {
    const workload = readWorkload(
      RESOURCES.Deployment,
      workloadOf('Deployment', { spec: { containers: [] } }),
    );
    assert.deepEqual(
      workload?.references.map(({ role, pod }) => [role, pod?.serviceAccount]),
      [[undefined, 'default']],
    );
  });

  test('looks for a misspelt key only where the right one names no role', () => {
    const misspelt = { [MISSPELT]: 'reader' };
    const keys = ['reader', '', undefined].map(
      (role) =>
        readWorkload(RESOURCES.Job, workloadOf('Job', templateOf(role, { annotations: misspelt })))
          ?.references[0]?.misspeltKey,
    );
    assert.deepEqual(keys, [undefined, MISSPELT, MISSPELT]);
  });

  test('a change holds no part of its object', () => {
    const object = workloadOf('Deployment', templateOf('reader'));
    const old = workloadOf('Deployment', templateOf('writer'));
    const change = parseWorkloadChange(requestOf('Deployment', object, old));
    assert.deepEqual([change?.after.relevant, change?.before?.relevant], [undefined, undefined]);
  });

  test('looks for the key among the labels only where the annotation names no role', () => {
    const labels = { [ROLE_KEY]: 'reader' };
    const keys = ['reader', undefined].map(
      (role) =>
        readWorkload(RESOURCES.Job, workloadOf('Job', templateOf(role, { labels })))?.references[0]?.labelKey,
    );
    assert.deepEqual(keys, [undefined, ROLE_KEY]);
  });

  for (const kind of ['ServiceAccount', 'Namespace'] as const) {
    suite(`the annotation of a ${kind}`, () => {
      const annotated = (annotations: object) => ({ metadata: { name: 'web', annotations } });

      test('is misplaced, also by another spelling', () => {
        for (const key of [ROLE_KEY, 'eciRamRoleName']) {
          const workload = readWorkload(RESOURCES[kind], annotated({ [key]: 'reader' }));
          assert.deepEqual(workload?.references, []);
          assert.deepEqual(workload?.misplaced, [
            {
              path: 'metadata.annotations',
              misspeltKey: key === ROLE_KEY ? undefined : key,
              role: 'reader',
              belongsIn: 'metadata.annotations of its pods',
            },
          ]);
        }
      });

      test('is read where it is new, in an object without a namespace too', () => {
        const object = annotated({ [ROLE_KEY]: 'reader' });
        const changed = { namespace: kind === 'Namespace' ? '' : 'payments' };
        assert.ok(parseWorkloadChange(requestOf(kind, object, undefined, changed)));
        assert.equal(parseWorkloadChange(requestOf(kind, object, object, changed)), undefined);
        assert.deepEqual(readWorkload(RESOURCES[kind], annotated({ team: 'a' }))?.misplaced, []);
      });
    });
  }

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
        name: 'of a custom kind with a pod template is misplaced',
        kind: 'CloneSet',
        object: workloadOf('CloneSet', templateOf(undefined), annotated('reader')),
        misplaced: [{ path: 'metadata.annotations', misspeltKey: undefined, role: 'reader', belongsIn }],
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

  test('searches a custom kind', () => {
    const workload = readWorkload(RESOURCES.CloneSet, workloadOf('CloneSet', templateOf('reader')));
    assert.deepEqual([workload?.references[0]?.role, workload?.references[0]?.pod], ['reader', undefined]);
  });
});

const deployment = (role: string | undefined, metadata: object = {}, template: object = {}) =>
  workloadOf('Deployment', templateOf(role, template), metadata);
const owner = (controller: unknown) => ({ ownerReferences: [{ kind: 'Deployment', name: 'd', controller }] });
const otherImage = { spec: { containers: [{ name: 'c', image: 'b' }] } };
const workflow = (...roles: readonly string[]) => ({
  kind: 'Workflow',
  spec: { templates: roles.map((role) => ({ metadata: { annotations: { [ROLE_KEY]: role } } })) },
});

suite('parseWorkloadChange', () => {
  test('reads a creation', () => {
    const change = parseWorkloadChange(requestOf('Deployment', deployment('reader')));
    assert.deepEqual(
      [change?.namespace, change?.kind, change?.after.references[0]?.role, change?.before],
      ['payments', 'Deployment', 'reader', undefined],
    );
  });

  test('reads an update, with what was before', () => {
    const change = parseWorkloadChange(requestOf('Deployment', deployment('writer'), deployment('reader')));
    assert.deepEqual(
      [change?.after.references[0]?.role, change?.before?.references[0]?.role],
      ['writer', 'reader'],
    );
  });

  const changes = [
    { name: 'another image', object: deployment('reader', {}, otherImage), before: deployment('reader') },
    {
      name: 'another ServiceAccount',
      object: deployment('reader', {}, { spec: { serviceAccountName: 'api' } }),
      before: deployment('reader'),
    },
    {
      name: 'the annotation of the workload itself',
      object: deployment('reader', { annotations: { [ROLE_KEY]: 'writer' } }),
      before: deployment('reader'),
    },
    { name: 'an old object that is none', object: deployment('reader'), before: 'text' },
    {
      name: 'an owner that controls it not',
      object: deployment('reader', owner(false)),
      before: deployment('x'),
    },
    {
      name: 'one more role of another kind',
      kind: 'Workflow',
      object: workflow('a', 'a'),
      before: workflow('a'),
    },
    {
      name: 'the ServiceAccount of another kind',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf('a', { spec: { serviceAccountName: 'api' } })),
      before: workloadOf('CloneSet', templateOf('a')),
    },
  ] as const;

  for (const { name, object, before, ...rest } of changes) {
    test(`reads an update that changes ${name}`, () => {
      const kind = 'kind' in rest ? rest.kind : 'Deployment';
      assert.notEqual(parseWorkloadChange(requestOf(kind, object, before)), undefined);
    });
  }

  const noChanges = [
    {
      name: 'scaling',
      request: requestOf(
        'Deployment',
        { ...deployment('reader'), spec: { ...deployment('reader').spec, replicas: 5 } },
        deployment('reader'),
      ),
    },
    {
      name: 'a finalizer',
      request: requestOf('Deployment', deployment('reader', { finalizers: ['a'] }), deployment('reader')),
    },
    {
      name: 'another annotation of the workload itself',
      request: requestOf(
        'Deployment',
        deployment('reader', { annotations: { a: 'b' } }),
        deployment('reader'),
      ),
    },
    {
      name: 'an object that is being deleted',
      request: requestOf(
        'Deployment',
        deployment('writer', { deletionTimestamp: '2026-11-25T10:00:00Z' }),
        deployment('reader'),
      ),
    },
    {
      name: 'an object that a controller owns',
      request: requestOf('ReplicaSet', workloadOf('ReplicaSet', templateOf('writer'), owner(true))),
    },
    {
      name: 'a deletion',
      request: requestOf('Deployment', null, deployment('reader'), { operation: 'DELETE' }),
    },
    {
      name: 'a subresource',
      request: requestOf('Deployment', deployment('writer'), deployment('reader'), { subResource: 'scale' }),
    },
    {
      name: 'what belongs to no namespace',
      request: requestOf('Workflow', workflow('writer'), undefined, { namespace: '' }),
    },
    {
      name: 'a pod',
      request: requestOf('Deployment', templateOf('writer'), undefined, {
        resource: { group: '', version: 'v1', resource: 'pods' },
      }),
    },
    {
      name: 'another image of another kind',
      request: requestOf(
        'CloneSet',
        workloadOf('CloneSet', templateOf('reader', otherImage)),
        workloadOf('CloneSet', templateOf('reader')),
      ),
    },
    {
      name: 'the status of another kind',
      request: requestOf('Workflow', { ...workflow('a'), status: { ...workflow('b') } }, workflow('a')),
    },
  ];

  for (const { name, request } of noChanges) {
    test(`skips ${name}`, () => {
      assert.equal(parseWorkloadChange(request), undefined);
    });
  }
});

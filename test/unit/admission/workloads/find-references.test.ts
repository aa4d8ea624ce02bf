import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findReferences } from '../../../../src/admission/workloads/find-references.ts';
import { ROLE_KEY, templateOf } from '../../../builders/workload.ts';

const NAMING = { [ROLE_KEY]: 'reader' };
const ANNOTATED = { metadata: { annotations: NAMING }, annotations: NAMING };
const MISSPELT = 'k8s.aliyun.com/eci-ram-role-nam';

suite('findReferences', () => {
  const cases = [
    {
      name: 'a pod template, with its ServiceAccount',
      object: { spec: { template: templateOf('reader', { spec: { serviceAccountName: 'api' } }) } },
      found: ['spec.template.metadata.annotations reader api'],
    },
    {
      name: 'metadata without a pod, as in a Workflow',
      object: {
        spec: { templates: [{ name: 'a' }, { metadata: { annotations: { [ROLE_KEY]: 'reader' } } }] },
      },
      found: ['spec.templates[1].metadata.annotations reader -'],
    },
    {
      name: 'metadata beside a spec of something else',
      object: {
        spec: { item: { metadata: { annotations: { [ROLE_KEY]: 'reader' } }, spec: { image: 'a' } } },
      },
      found: ['spec.item.metadata.annotations reader -'],
    },
    {
      name: 'a map of annotations of no template, as in a SparkApplication',
      object: { spec: { driver: { annotations: { [ROLE_KEY]: 'reader' } } } },
      found: ['spec.driver.annotations reader -'],
    },
    {
      name: 'several in the order in which they are written',
      object: {
        spec: {
          tasks: [{ template: templateOf('a') }, { template: templateOf('b') }],
          last: { [ROLE_KEY]: 'c' },
        },
      },
      found: [
        'spec.tasks[0].template.metadata.annotations a -',
        'spec.tasks[1].template.metadata.annotations b -',
        'spec.last c -',
      ],
    },
    {
      name: 'a misspelt key',
      object: { spec: { template: templateOf(undefined, { annotations: { [MISSPELT]: 'reader' } }) } },
      found: [`spec.template.metadata.annotations ${MISSPELT} -`],
    },
    {
      name: 'a misspelt key beside the right one without a value',
      object: { spec: { template: templateOf('', { annotations: { [MISSPELT]: 'reader' } }) } },
      found: [`spec.template.metadata.annotations ${MISSPELT} -`],
    },
    {
      name: 'no misspelt key beside the right one',
      object: {
        spec: { a: { [ROLE_KEY]: 'reader', [MISSPELT]: 'x' }, b: { [ROLE_KEY]: '{{a}}', [MISSPELT]: 'x' } },
      },
      found: ['spec.a reader -'],
    },
    {
      name: 'a ServiceAccount by its deprecated field',
      object: { spec: { template: templateOf('reader', { spec: { serviceAccount: 'api' } }) } },
      found: ['spec.template.metadata.annotations reader api'],
    },
    {
      name: 'no ServiceAccount that is another part of the object, as in a SparkApplication',
      object: { spec: { driver: { serviceAccount: 'spark', template: templateOf('reader') } } },
      found: ['spec.driver.template.metadata.annotations reader -'],
    },
    {
      name: 'a map outside spec',
      object: { template: { [ROLE_KEY]: 'reader' } },
      found: ['template reader -'],
    },
    {
      name: 'a template whose annotations no API server would take',
      object: { spec: { template: templateOf('reader', { annotations: { other: 7 } }) } },
      found: ['spec.template.metadata.annotations reader -'],
    },
    {
      name: 'a template whose ServiceAccount is still to be filled in, by its role alone',
      object: { spec: { template: templateOf('reader', { spec: { serviceAccountName: '{{sa}}' } }) } },
      found: ['spec.template.metadata.annotations reader -'],
    },
    {
      name: 'the longest ServiceAccount that there can be',
      object: { spec: { template: templateOf('reader', { spec: { serviceAccountName: 'a'.repeat(253) } }) } },
      found: [`spec.template.metadata.annotations reader ${'a'.repeat(253)}`],
    },
    {
      name: 'no ServiceAccount in a longer name',
      object: { spec: { template: templateOf('reader', { spec: { serviceAccountName: 'a'.repeat(254) } }) } },
      found: ['spec.template.metadata.annotations reader -'],
    },
    {
      name: 'a map within the metadata of another',
      object: { spec: { metadata: { a: { [ROLE_KEY]: 'reader' } }, status: { [ROLE_KEY]: 'writer' } } },
      found: ['spec.metadata.a reader -', 'spec.status writer -'],
    },
    ...[
      { name: 'the metadata of the Workflows of a CronWorkflow', spec: { workflowMetadata: ANNOTATED } },
      { name: 'the claims of a StatefulSet', spec: { volumeClaimTemplates: [{ ...ANNOTATED, spec: {} }] } },
      {
        name: 'the claim of an ephemeral volume',
        spec: { template: { spec: { volumes: [{ ephemeral: { volumeClaimTemplate: ANNOTATED } }] } } },
      },
      { name: 'the service of a Spark driver', spec: { driver: { serviceAnnotations: NAMING } } },
      { name: 'the ingress of a Spark UI', spec: { sparkUIOptions: { ingressAnnotations: NAMING } } },
      { name: 'the head service of a RayCluster', spec: { headServiceAnnotations: NAMING } },
      { name: 'the same, as a whole', spec: { headGroupSpec: { headService: ANNOTATED } } },
      { name: 'the service of a RayService', spec: { serveService: ANNOTATED } },
    ].map(({ name, spec }) => ({ name: `nothing in ${name}`, object: { spec }, found: [] })),
    {
      name: 'nothing in its own metadata',
      object: { metadata: { annotations: { [ROLE_KEY]: 'a' } } },
      found: [],
    },
    { name: 'nothing in its status', object: { status: { template: templateOf('a') } }, found: [] },
    { name: 'nothing in an empty value', object: { spec: { template: templateOf('') } }, found: [] },
    { name: 'nothing in a value that is no text', object: { spec: { [ROLE_KEY]: ['a'] } }, found: [] },
    {
      name: 'nothing in a value that is still to be filled in',
      object: { spec: { a: { [ROLE_KEY]: '{{inputs.parameters.role}}' }, b: { [ROLE_KEY]: 'x-{{y}}' } } },
      found: [],
    },
    {
      name: 'what only looks so',
      object: { spec: { a: { [ROLE_KEY]: '}}{{' } } },
      found: ['spec.a }}{{ -'],
    },
    { name: 'nothing in what is no object', object: 'text', found: [] },
    { name: 'nothing in a list', object: [null, 1], found: [] },
  ];

  for (const { name, object, found } of cases) {
    test(`finds ${name}`, () => {
      assert.deepEqual(
        findReferences(object).references.map(
          ({ path, role, misspeltKey, serviceAccount }) =>
            `${path} ${role ?? misspeltKey} ${serviceAccount ?? '-'}`,
        ),
        found,
      );
    });
  }

  suite('RRSA as well', () => {
    const env = [{ name: 'ALIBABA_CLOUD_ROLE_ARN', value: 'acs:ram::1:role/r' }];
    const { metadata } = templateOf('reader');
    const VARIABLE = 'environment variable ALIBABA_CLOUD_ROLE_ARN';
    const rows = [
      {
        name: 'in the driver of a SparkApplication',
        spec: { driver: { annotations: NAMING, env }, executor: { env } },
        rrsa: VARIABLE,
      },
      {
        name: 'in its label',
        spec: {
          driver: { annotations: NAMING, labels: { 'pod-identity.alibabacloud.com/injection': 'on' } },
        },
        rrsa: 'label pod-identity.alibabacloud.com/injection',
      },
      {
        name: 'in the container of a template of a Workflow',
        spec: { templates: [{ metadata, container: { env } }] },
        rrsa: VARIABLE,
      },
      { name: 'in its script', spec: { templates: [{ metadata, script: { env } }] }, rrsa: VARIABLE },
      {
        name: 'in its init containers',
        spec: { templates: [{ metadata, initContainers: [{ env }] }] },
        rrsa: VARIABLE,
      },
      {
        name: 'in a pod template',
        spec: { template: templateOf('reader', { spec: { containers: [{ env }] } }) },
        rrsa: VARIABLE,
      },
      {
        name: 'not in another template of the Workflow',
        spec: { templates: [{ metadata }, { container: { env } }] },
        rrsa: undefined,
      },
      {
        name: 'not in what may be no pod',
        spec: { job: { metadata, env, spec: { env } } },
        rrsa: undefined,
      },
    ];
    for (const { name, spec, rrsa } of rows) {
      test(`is seen ${name}`, () => {
        assert.deepEqual(
          findReferences({ spec }).references.map((reference) => reference.rrsa),
          [rrsa],
        );
      });
    }
  });

  test('takes a pod template without containers for one, as of Flink or a TrainJob', () => {
    const env = { name: 'ALIBABA_CLOUD_ROLE_ARN' };
    const spec = { serviceAccountName: 'api', initContainers: [{ env: [env] }] };
    const metadata = { annotations: NAMING };
    const { references } = findReferences({
      spec: { podTemplate: { metadata, spec }, podTemplateOverrides: [{ metadata, spec }] },
    });
    assert.deepEqual(
      references.map(({ path, serviceAccount, rrsa }) => [path, serviceAccount, rrsa]),
      ['spec.podTemplate', 'spec.podTemplateOverrides[0]'].map((path) => [
        ...[`${path}.metadata.annotations`, 'api'],
        'environment variable ALIBABA_CLOUD_ROLE_ARN',
      ]),
    );
  });

  suite('labels', () => {
    const LABELLED = { labels: NAMING };
    const found = (metadata: object) =>
      findReferences({ spec: { template: { metadata, spec: {} } } }).references.map(
        ({ path, role, labelKey }) => [path, role, labelKey],
      );

    test('name no role, by the key or another spelling of it', () => {
      const path = 'spec.template.metadata.labels';
      assert.deepEqual(found(LABELLED), [[path, undefined, ROLE_KEY]]);
      assert.deepEqual(found({ labels: { eciRamRoleName: 'reader' } }), [
        [path, undefined, 'eciRamRoleName'],
      ]);
    });

    test('need no hint where the annotation names a role', () => {
      assert.deepEqual(found({ ...LABELLED, annotations: NAMING }), [
        ['spec.template.metadata.annotations', 'reader', undefined],
      ]);
    });

    test('are no annotations of a driver either', () => {
      assert.deepEqual(
        findReferences({ spec: { driver: LABELLED } }).references.map(({ labelKey }) => labelKey),
        [ROLE_KEY],
      );
    });
  });

  suite('annotations of a part that creates pods', () => {
    const template = templateOf(undefined);
    const jobTemplate = { spec: { template } };
    const rows = [
      {
        name: 'of a JobSet are misplaced',
        object: {
          spec: { replicatedJobs: [{ template: { metadata: { annotations: NAMING }, ...jobTemplate } }] },
        },
        misplaced: [
          [
            'spec.replicatedJobs[0].template.metadata.annotations',
            'spec.replicatedJobs[0].template.spec.template.metadata.annotations',
          ],
        ],
      },
      {
        name: 'of an object with a pod template are misplaced',
        object: { metadata: { annotations: NAMING }, spec: { template } },
        misplaced: [['metadata.annotations', 'spec.template.metadata.annotations']],
      },
      {
        name: 'of an object that creates Jobs are misplaced',
        object: { metadata: { annotations: NAMING }, spec: { jobTemplate } },
        misplaced: [['metadata.annotations', 'spec.jobTemplate.spec.template.metadata.annotations']],
      },
      {
        name: 'are misplaced by a key that is nearly right',
        object: { metadata: { annotations: { [MISSPELT]: 'reader' } }, spec: { template } },
        misplaced: [['metadata.annotations', 'spec.template.metadata.annotations']],
      },
      {
        name: 'need no hint where the pods name the same role',
        object: { metadata: { annotations: NAMING }, spec: { template: templateOf('reader') } },
        references: ['spec.template.metadata.annotations'],
        misplaced: [],
      },
      {
        name: 'need a hint where the pods name another role',
        object: { metadata: { annotations: NAMING }, spec: { template: templateOf('writer') } },
        references: ['spec.template.metadata.annotations'],
        misplaced: [['metadata.annotations', 'spec.template.metadata.annotations']],
      },
      {
        name: 'are those of the pods where the kind is known for that',
        hasOwnMetadata: true,
        object: { metadata: { annotations: NAMING }, spec: { template } },
        references: ['metadata.annotations'],
        misplaced: [],
      },
      {
        name: 'below it are misplaced even there',
        hasOwnMetadata: true,
        object: { spec: { job: { metadata: { annotations: NAMING }, ...jobTemplate } } },
        misplaced: [['spec.job.metadata.annotations', 'spec.job.spec.template.metadata.annotations']],
      },
      {
        name: 'are nothing where nobody knows how it creates pods',
        object: { metadata: { annotations: NAMING, labels: NAMING }, spec: { predictor: {} } },
        misplaced: [],
      },
    ];
    for (const { name, object, hasOwnMetadata, references: expected = [], misplaced: pairs } of rows) {
      test(name, () => {
        const { references, misplaced } = findReferences(object, hasOwnMetadata);
        assert.deepEqual(
          references.map(({ path }) => path),
          expected,
        );
        assert.deepEqual(
          misplaced.map(({ path, belongsIn }) => [path, belongsIn]),
          pairs,
        );
        assert.deepEqual(
          misplaced.map(({ role }) => role),
          pairs.map(() => 'reader'),
        );
      });
    }

    test('give the ServiceAccount of the object that has them', () => {
      const spec = { serviceAccountName: 'builder' };
      const objects = [{ spec }, { spec: { template: { spec } } }, { spec: { predictor: spec } }];
      assert.deepEqual(
        objects.map(
          (object) =>
            findReferences({ metadata: { annotations: NAMING }, ...object }, true).references[0]
              ?.serviceAccount,
        ),
        ['builder', 'builder', undefined],
      );
    });
  });

  test('finds a key at any depth, and shows the end of the way', () => {
    const depth = 5000;
    const object = JSON.parse(`${'{"a":'.repeat(depth)}{"${ROLE_KEY}":"reader"}${'}'.repeat(depth)}`);
    assert.deepEqual(
      findReferences(object).references.map(({ path, role }) => [path, role]),
      [[`…${Array(12).fill('a').join('.')}`, 'reader']],
    );
  });

  test('shows the beginning of a long key, and a key with a dot in quotes', () => {
    const object = { spec: { ['k'.repeat(100_000)]: { 'a.b': { [ROLE_KEY]: 'reader' } } } };
    assert.deepEqual(
      findReferences(object).references.map(({ path }) => path),
      [`spec["${'k'.repeat(80)}"…]["a.b"]`],
    );
  });

  test('stops at a hundred references', () => {
    const tasks = Array.from({ length: 150 }, (_, index) => ({ [ROLE_KEY]: `role-${index}` }));
    const { references } = findReferences({ spec: { tasks } });
    assert.deepEqual([references.length, references[99]?.role], [100, 'role-99']);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findRolePlaces } from '../../../src/admission/workloads/find-role-places.ts';
import { ROLE_KEY, templateOf } from './workloads.ts';

const MISSPELT = 'k8s.aliyun.com/eci-ram-role-nam';

suite('findRolePlaces', () => {
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
        findRolePlaces(object, 100).map(
          ({ path, role, misspeltKey, serviceAccount }) =>
            `${path} ${role ?? misspeltKey} ${serviceAccount ?? '-'}`,
        ),
        found,
      );
    });
  }

  test('finds a key at any depth, and shows the end of the way', () => {
    const depth = 5000;
    const object = JSON.parse(`${'{"a":'.repeat(depth)}{"${ROLE_KEY}":"reader"}${'}'.repeat(depth)}`);
    assert.deepEqual(
      findRolePlaces(object, 100).map(({ path, role }) => [path, role]),
      [[`…${'.a'.repeat(12)}`, 'reader']],
    );
  });

  test('stops at the most that are asked for', () => {
    const tasks = Array.from({ length: 150 }, (_, index) => ({ [ROLE_KEY]: `role-${index}` }));
    const places = findRolePlaces({ spec: { tasks } }, 100);
    assert.deepEqual([places.length, places[99]?.role], [100, 'role-99']);
  });
});

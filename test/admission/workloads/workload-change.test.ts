import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseWorkloadChange } from '../../../src/admission/workloads/workload-change.ts';
import { ROLE_KEY, requestOf, templateOf, workloadOf } from '../../builders/workload.ts';

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
      [change?.namespace, change?.kind, change?.after.places[0]?.role, change?.before],
      ['payments', 'Deployment', 'reader', undefined],
    );
  });

  test('reads an update, with what was before', () => {
    const change = parseWorkloadChange(requestOf('Deployment', deployment('writer'), deployment('reader')));
    assert.deepEqual([change?.after.places[0]?.role, change?.before?.places[0]?.role], ['writer', 'reader']);
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
    {
      name: 'a part of another kind that comes to be for pods',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf('a')),
      before: workloadOf('CloneSet', { ...templateOf('a'), spec: { paused: true } }),
    },
  ] as const;

  for (const { name, object, before, ...rest } of changes) {
    test(`gives cause for advice where what changes is ${name}`, () => {
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
    test(`gives no cause for advice: ${name}`, () => {
      assert.equal(parseWorkloadChange(request), undefined);
    });
  }
});

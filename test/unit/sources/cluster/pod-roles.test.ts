import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decideBinding } from '../../../../src/admission/bindings/route.ts';
import { ApiError } from '../../../../src/kubernetes/client.ts';
import { createPodRoles } from '../../../../src/sources/cluster/pod-roles.ts';
import { failure, success } from '../../../../src/text/problem.ts';
import { callerAt } from '../../../builders/caller.ts';

const KEY = 'k8s.aliyun.com/eci-ram-role-name';
const CALLER = callerAt('127.0.0.2');
const SECRET = 'said by the API server';

/** Asks for the role of a pod about which the API server gives this answer. */
const ask = (call: () => Promise<unknown>) => createPodRoles({ call })('payments', 'web-0', CALLER);
const fails = (status: number) => () => Promise.reject(new ApiError(status, SECRET));

suite('the role of a pod', () => {
  const cases = [
    {
      name: 'is its annotation',
      call: async () => ({ metadata: { annotations: { [KEY]: 'a' } } }),
      role: 'a',
    },
    { name: 'is none without annotations', call: async () => ({ metadata: {} }), role: undefined },
  ];
  for (const { name, call, role } of cases) {
    test(name, async () => assert.deepEqual(await ask(call), success(role)));
  }

  test('is not known if there is no such pod', async () => {
    assert.deepEqual(await ask(fails(404)), failure({ kind: 'no-such-pod', message: SECRET }));
  });

  for (const call of [...[401, 403, 429, 500].map(fails), () => Promise.reject(new Error(SECRET))]) {
    test('is not known if the API server does not answer with it', async () => {
      assert.deepEqual(await ask(call), failure({ kind: 'unreadable', message: SECRET }));
    });
  }

  test('is not asked for if no pod can have the name', async () => {
    const getPodRole = createPodRoles({ call: () => assert.fail('the API server is asked') });
    const unknown = failure({ kind: 'no-such-pod', message: 'no pod can have this name' });
    assert.deepEqual(await getPodRole('..', 'web-0', CALLER), unknown);
    assert.deepEqual(await getPodRole('payments', '..', CALLER), unknown);
  });
});

test('a denial is the same for another role, no role and no pod, and has nothing that the API server said', async () => {
  const binding = { namespace: 'payments', podName: 'web-0', role: 'guess' };
  const answers = [
    async () => ({ metadata: { annotations: { [KEY]: SECRET } } }),
    async () => ({ metadata: { annotations: {} } }),
    fails(404),
  ];
  const decisions = await Promise.all(answers.map(async (call) => decideBinding(binding, await ask(call))));
  assert.equal(new Set(decisions.map(({ denial }) => denial?.message)).size, 1);
  const unreadable = decideBinding(binding, await ask(fails(500)));
  for (const { denial, auditAnnotations } of [...decisions, unreadable]) {
    assert.ok(!JSON.stringify([denial, auditAnnotations]).includes(SECRET));
  }
});

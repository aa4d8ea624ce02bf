import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseAllowlist } from '../../../../src/policy/schema/parse.ts';
import { badAllowlists, goodAllowlists } from '../../../builders/allowlist-cases.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';
import { expectProblem, expectValue } from '../../../builders/result.ts';

suite('parseAllowlist', () => {
  for (const { name, object, problems } of badAllowlists) {
    test(`reports all that is wrong with an allowlist ${name}`, () => {
      assert.deepEqual(expectProblem(parseAllowlist(deepFreeze(object))), { problems, more: 0 });
    });
  }

  for (const { name, object } of goodAllowlists) {
    test(`accepts an allowlist ${name}`, () => {
      assert.ok(parseAllowlist(deepFreeze(object)).ok);
    });
  }

  test('yields the name and the spec with its defaults, and nothing else', () => {
    const [plain] = goodAllowlists;

    assert.deepEqual(expectValue(parseAllowlist(plain?.object)), {
      name: 'payments',
      spec: {
        namespaces: ['payments', 'payments-*'],
        roles: ['payments-reader', 'payments-*'],
        injectInto: 'EciPods',
        violationAction: 'Deny',
      },
    });
  });

  test('makes no more problems than asked for, and counts the rest', () => {
    const object = {
      apiVersion: 'eci-ram-role.io/v1alpha1',
      kind: 'RamRoleAllowlist',
      metadata: { name: 'list' },
      spec: { namespaces: '', roles: ['a b', 'c d'], one: 1, two: 2, three: 3 },
    };
    const { problems } = expectProblem(parseAllowlist(object));
    assert.deepEqual(
      problems.map(({ path }) => path.join('.')),
      ['spec.namespaces', 'spec.roles.0', 'spec.roles.1', 'spec.one', 'spec.two', 'spec.three'],
    );
    for (const most of [0, 1, 4, 6, 7]) {
      assert.deepEqual(expectProblem(parseAllowlist(object, most)), {
        problems: problems.slice(0, most),
        more: Math.max(0, 6 - most),
      });
    }
  });

  test('counts problems that the schema does not see too', () => {
    const object = {
      apiVersion: 'eci-ram-role.io/v1alpha1',
      kind: 'RamRoleAllowlist',
      metadata: {
        name: 'list',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration':
            '{"spec":{"expiresAt":null,"serviceAccounts":null}}',
        },
      },
      spec: { namespaces: ['a'], roles: [], colour: 'red' },
    };
    const { problems, more } = expectProblem(parseAllowlist(object, 2));
    assert.deepEqual(
      [problems.map(({ path }) => path.join('.')), more],
      [['spec.colour', 'spec.serviceAccounts'], 1],
    );
  });

  test('answers for metadata and status nested 100,000 deep', () => {
    const deep = JSON.parse(`${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`);
    const object = {
      apiVersion: 'eci-ram-role.io/v1alpha1',
      kind: 'RamRoleAllowlist',
      metadata: { name: 'deep', annotations: deep },
      spec: { namespaces: ['a'], roles: [deep] },
      status: deep,
    };

    assert.deepEqual(
      expectProblem(parseAllowlist(object)).problems.map(({ path, found }) => ({ path, found })),
      [{ path: ['spec', 'roles', 0], found: 'a list of 1' }],
    );
  });
});

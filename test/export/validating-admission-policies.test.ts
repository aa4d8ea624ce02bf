import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildPolicies } from '../../src/export/validating-admission-policies.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import type { ViolationAction } from '../../src/policy/violation-action.ts';
import { allowlistOf } from '../builders/policy.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [] } as const;

function namesOf(lists: readonly Allowlist[], unlistedNamespaces: ViolationAction) {
  const { objects = [], unused } = buildPolicies(lists, { ...SETTINGS, unlistedNamespaces }, []);
  return { written: objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`), unused };
}

suite('buildPolicies', () => {
  const cases = [
    { lists: [], unlisted: 'Deny', suffixes: ['deny'], unused: ['warn', 'audit'] },
    { lists: [], unlisted: 'Strip', suffixes: ['deny'], unused: ['warn', 'audit'] },
    { lists: [], unlisted: 'Audit', suffixes: ['deny', 'audit'], unused: ['warn'] },
    { lists: ['Warn'], unlisted: 'Deny', suffixes: ['deny', 'warn'], unused: ['audit'] },
    { lists: ['Audit', 'Strip', 'Warn'], unlisted: 'Warn', suffixes: ['deny', 'warn', 'audit'], unused: [] },
  ] as const;

  for (const { lists, unlisted, suffixes, unused } of cases) {
    test(`writes ${suffixes.join(', ')} for lists of ${lists.join(', ') || 'nothing'} and ${unlisted}`, () => {
      const allowlists = lists.map((violationAction, index) =>
        allowlistOf(`list-${index}`, { violationAction }),
      );
      assert.deepEqual(namesOf(allowlists, unlisted), {
        written: suffixes.flatMap((suffix) => [
          `ValidatingAdmissionPolicy eci-ram-role-allowlists-${suffix}`,
          `ValidatingAdmissionPolicyBinding eci-ram-role-allowlists-${suffix}`,
        ]),
        unused: unused.map((suffix) => `eci-ram-role-allowlists-${suffix}`),
      });
    });
  }

  test('writes the same whatever the order of the lists', () => {
    const lists = ['b', 'a', 'c'].map((name) => allowlistOf(name, { contact: name }));
    assert.deepEqual(buildPolicies(lists, SETTINGS, []), buildPolicies(lists.toReversed(), SETTINGS, []));
  });

  test('writes a policy that fails closed, of pods that name a role, outside the excluded namespaces', () => {
    const { objects: [policy] = [] } = buildPolicies([], SETTINGS, ['kube-system', 'other']);
    const { variables, validations, ...spec } = Object(policy?.spec);
    assert.deepEqual(spec, {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'other'] },
          ],
        },
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      matchConditions: [
        {
          name: 'names-a-role',
          expression: "object.metadata.?annotations[?'k8s.aliyun.com/eci-ram-role-name'].orValue('') != ''",
        },
      ],
    });
    assert.ok(variables.length > 0);
    assert.equal(validations[0].expression, "variables.action != 'Deny'");
  });

  test('selects every namespace where none is excluded', () => {
    const { objects: [policy] = [] } = buildPolicies([], SETTINGS, []);
    assert.equal('namespaceSelector' in Object(policy?.spec).matchConstraints, false);
  });

  test('leaves a trace of break-glass in one policy, where a list can expire', () => {
    const limited = allowlistOf('a', {
      expiresAt: '2026-12-01T18:00:00Z',
      reason: 'x',
      violationAction: 'Warn',
    });
    const keysOf = (lists: readonly Allowlist[]) =>
      (buildPolicies(lists, SETTINGS, []).objects ?? []).map(
        ({ spec }) => Object(spec).auditAnnotations?.[0].key,
      );
    assert.deepEqual(keysOf([limited]), ['allowed-until', undefined, undefined, undefined]);
    assert.deepEqual(keysOf([allowlistOf('a')]), [undefined, undefined]);
  });

  test('binds each policy with its action; what is admitted is audited', () => {
    const { objects = [] } = buildPolicies(
      [allowlistOf('a', { violationAction: 'Audit' })],
      { ...SETTINGS, unlistedNamespaces: 'Warn' },
      [],
    );
    assert.deepEqual(
      objects.flatMap(({ kind, spec }) => (kind === 'ValidatingAdmissionPolicyBinding' ? [spec] : [])),
      [
        { policyName: 'eci-ram-role-allowlists-deny', validationActions: ['Deny'] },
        { policyName: 'eci-ram-role-allowlists-warn', validationActions: ['Warn', 'Audit'] },
        { policyName: 'eci-ram-role-allowlists-audit', validationActions: ['Audit'] },
      ],
    );
  });

  test('writes nothing of lists that are too dear, or too many', () => {
    const accounts = Array.from({ length: 64 }, (_, index) => `*${index}`.padEnd(253, 'x'));
    const dear = Array.from({ length: 50 }, (_, index) =>
      allowlistOf(`l${index}`, { serviceAccounts: accounts }),
    );
    const many = Array.from({ length: 12_000 }, (_, index) => allowlistOf(`list-${index}`));
    for (const lists of [dear, many]) {
      const { objects, problems } = buildPolicies(lists, SETTINGS, []);
      assert.equal(objects, undefined);
      assert.equal(problems?.length, 1);
    }
  });
});

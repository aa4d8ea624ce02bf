import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildPolicies } from '../../../src/export/validating-admission-policies.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import type { ViolationAction } from '../../../src/policy/violation-action.ts';
import { allowlistOf } from '../../builders/policy.ts';
import { expectProblem, expectValue } from '../../builders/result.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [] } as const;

function namesOf(lists: readonly Allowlist[], unlistedNamespaces: ViolationAction) {
  const { objects, unused } = expectValue(buildPolicies(lists, { ...SETTINGS, unlistedNamespaces }, []));
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
    const [policy] = expectValue(buildPolicies([], SETTINGS, ['kube-system', 'other'])).objects;
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
    const [policy] = expectValue(buildPolicies([], SETTINGS, [])).objects;
    assert.equal('namespaceSelector' in Object(policy?.spec).matchConstraints, false);
  });

  test('leaves a trace of break-glass in one policy, where a list can expire', () => {
    const limited = allowlistOf('a', {
      expiresAt: '2026-12-01T18:00:00Z',
      reason: 'x',
      violationAction: 'Warn',
    });
    const keysOf = (lists: readonly Allowlist[]) =>
      expectValue(buildPolicies(lists, SETTINGS, [])).objects.map(
        ({ spec }) => Object(spec).auditAnnotations?.[0].key,
      );
    assert.deepEqual(keysOf([limited]), ['allowed-until', undefined, undefined, undefined]);
    assert.deepEqual(keysOf([allowlistOf('a')]), [undefined, undefined]);
  });

  test('binds each policy with its action; what is admitted is audited', () => {
    const { objects } = expectValue(
      buildPolicies(
        [allowlistOf('a', { violationAction: 'Audit' })],
        { ...SETTINGS, unlistedNamespaces: 'Warn' },
        [],
      ),
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

  test('writes nothing if the allowlists exceed a limit', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => allowlistOf(`list-${index}`));
    assert.match(
      expectProblem(buildPolicies(many, SETTINGS, [])),
      /^expected up to 1000 allowlists, found 1001;/,
    );
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  buildMutatingPolicies,
  listUnsupportedDefaults,
} from '../../../src/export/mutating-admission-policies.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import { allowlistOf } from '../../builders/policy.ts';
import { expectProblem, expectValue } from '../../builders/result.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: ['Admin*'], eciDetection: 'markers' } as const;
const EXPIRING = { defaultRole: 'reader', expiresAt: '2030-01-01T00:00:00Z', reason: 'x' };

function specOf(allowlists: readonly Allowlist[], excludedNamespaces: readonly string[] = []) {
  const { objects } = expectValue(buildMutatingPolicies(allowlists, SETTINGS, excludedNamespaces));
  assert.equal(objects[0]?.kind, 'MutatingAdmissionPolicy');
  return Object(objects[0].spec);
}

/** The allowlists whose default roles are tried, with their conditions, in the order of the policy. */
function defaultsOf(allowlists: readonly Allowlist[]): readonly string[] {
  const { expression } = specOf(allowlists).variables.find(
    ({ name }: { name: string }) => name === 'defaults',
  );
  return expression.split('\n').slice(1, -1);
}

suite('buildMutatingPolicies', () => {
  test('writes a policy for pods without a role, that never keeps a pod from starting', () => {
    const { variables, mutations, ...spec } = specOf([], ['kube-system']);
    assert.equal(spec.failurePolicy, 'Ignore');
    assert.deepEqual(spec.matchConstraints.namespaceSelector.matchExpressions[0].values, ['kube-system']);
    assert.deepEqual(
      spec.matchConditions.map(({ name }: { name: string }) => name),
      ['names-no-role', 'no-mirror-pod'],
    );
    assert.equal(mutations.length, 1);
    const known = new Set<string>();
    for (const { name, expression } of variables) {
      for (const [, used = ''] of expression.matchAll(/variables\.(\w+)/g)) {
        assert.ok(known.has(used), `${name} needs ${used}`);
      }
      known.add(name);
    }
  });

  test('binds the policy by its name', () => {
    const [policy, binding] = expectValue(buildMutatingPolicies([], SETTINGS, [])).objects;
    assert.deepEqual(binding?.spec, { policyName: policy?.metadata.name });
  });

  test('tries exact names, globs and labels in turn, and allowlists for some ServiceAccounts first', () => {
    const all = [
      allowlistOf('labels', { namespaceSelector: {}, defaultRole: 'reader' }),
      allowlistOf('b', { namespaces: ['pay*', 'payments'], defaultRole: 'reader', injectInto: 'AllPods' }),
      allowlistOf('a', { defaultRole: 'reader' }),
      allowlistOf('c', { defaultRole: 'reader', serviceAccounts: ['web'] }),
    ];
    const expected = [
      '// c',
      "request.namespace in ['payments'] && variables.account in ['web'] && variables.isEciPod ? ['reader'] : [],",
      '// a',
      "request.namespace in ['payments'] && variables.isEciPod ? ['reader'] : [],",
      '// b',
      "request.namespace in ['payments'] ? ['reader'] : [],",
      '// b',
      "request.namespace.startsWith('pay') ? ['reader'] : [],",
      '// labels',
      "true && variables.isEciPod ? ['reader'] : []",
    ];
    assert.deepEqual(defaultsOf(all), expected);
    assert.deepEqual(defaultsOf(all.toReversed()), expected);
  });

  test('injects no protected role, and none instead of one that may have expired', () => {
    assert.deepEqual(
      defaultsOf([
        allowlistOf('a', { roles: ['Admin-1'], defaultRole: 'Admin-1' }),
        allowlistOf('b', EXPIRING),
      ]),
      ['// b', "request.namespace in ['payments'] && variables.isEciPod ? [''] : []"],
    );
    assert.deepEqual(listUnsupportedDefaults([allowlistOf('a'), allowlistOf('b', EXPIRING)]), [
      'defaultRole beside expiresAt is not injected, since a mutating policy does not know the time: b',
    ]);
    assert.deepEqual(listUnsupportedDefaults([allowlistOf('a', { defaultRole: 'reader' })]), []);
  });

  test('treats every pod as an ECI pod where the cluster has no others', () => {
    const settings = { ...SETTINGS, eciDetection: 'all-pods' } as const;
    const [policy] = expectValue(buildMutatingPolicies([], settings, [])).objects;
    assert.ok(
      Object(policy?.spec).variables.some(
        ({ name, expression }: { name: string; expression: string }) =>
          name === 'isEciPod' && expression === 'true',
      ),
    );
  });

  test('fails with the limit that is exceeded', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => allowlistOf(`list-${index}`));
    assert.match(
      expectProblem(buildMutatingPolicies(many, SETTINGS, [])),
      /^expected up to 1000 allowlists, found 1001/,
    );
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPolicy } from '../../../src/policy/policy.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';

const NO_LABELS = new Map<string, string>();

suite('compilePolicy', () => {
  test('keeps the settings', () => {
    const policy = policyOf([allowlistOf('a'), allowlistOf('b')], { eciDetection: 'all-pods' });

    assert.deepEqual(policy.settings, {
      unlistedNamespaces: 'Deny',
      protectedRoles: ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'],
      eciDetection: 'all-pods',
    });
  });

  test('knows the protected roles and the lists of a namespace', () => {
    const policy = policyOf([allowlistOf('a'), allowlistOf('b', { namespaces: ['search'] })]);

    assert.equal(policy.isProtectedRole('kubernetesworkerrole-1'), true);
    assert.equal(policy.isProtectedRole('reader'), false);
    assert.deepEqual(
      policy.select('payments', NO_LABELS).ranked.map(({ allowlist }) => allowlist.name),
      ['a'],
    );
  });

  test('follows an allowlist that selects by other labels, then by name, and is deleted', () => {
    const labels = new Map([['team', 'pay']]);
    const { policy, apply } = createPolicy(policyOf([]).settings);
    const selected = () => policy.select('payments', labels).ranked.map(({ allowlist }) => allowlist.name);
    const byTeam = (team: string) => allowlistOf('a', { namespaceSelector: { matchLabels: { team } } });
    apply({ changed: [byTeam('pay')], removed: [] });
    assert.deepEqual(selected(), ['a']);
    apply({ changed: [byTeam('other')], removed: [] });
    assert.deepEqual(selected(), []);
    apply({ changed: [allowlistOf('a')], removed: [] });
    assert.deepEqual(selected(), ['a']);
    apply({ changed: [], removed: ['a', 'unknown'] });
    assert.deepEqual(selected(), []);
  });

  test('selects nothing anywhere where there are no allowlists', () => {
    const policy = policyOf([]);

    const { ranked, action } = policy.select('payments', NO_LABELS);
    assert.deepEqual([ranked, action], [[], undefined]);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { PodFacts } from '../../../../src/admission/pods/decide.ts';
import { parseReview } from '../../../../src/admission/review.ts';
import { decide } from '../../../builders/decide.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const UNKNOWN: Pick<PodFacts, 'labels'> = { labels: undefined };

function podCreation(role: string | undefined, spec: object = {}) {
  return parseReview({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid',
      namespace: 'payments',
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'pods' },
      object: {
        metadata: role === undefined ? {} : { annotations: { 'k8s.aliyun.com/eci-ram-role-name': role } },
        spec,
      },
    },
  });
}

suite('a namespace that is not known yet', () => {
  const byName = allowlistOf('by-name', {
    roles: ['reader'],
    defaultRole: 'reader',
    violationAction: 'Audit',
  });
  const byLabels = allowlistOf('by-labels', { namespaceSelector: {}, roles: ['*'], defaultRole: 'other' });
  const policy = policyOf([byName, byLabels], { unlistedNamespaces: 'Audit' });
  const ECI = { nodeSelector: { type: 'virtual-kubelet' } };

  const cases = [
    {
      name: 'passes a role that a list allows by name',
      role: 'reader',
      spec: {},
      expected: ['allow', 'allowed'],
    },
    {
      name: 'refuses any other, whatever the actions say',
      role: 'other',
      spec: {},
      expected: ['deny', 'unknown-namespace'],
    },
    {
      name: 'refuses a protected role as such',
      role: 'KubernetesWorkerRole-1',
      spec: {},
      expected: ['deny', 'protected'],
    },
    {
      name: 'gives a target the default of a list by name',
      role: undefined,
      spec: ECI,
      expected: ['inject', 'default'],
    },
    {
      name: 'admits a pod without a role that is no target',
      role: undefined,
      spec: {},
      expected: ['allow', 'no-role'],
    },
  ];

  for (const { name, role, spec, expected } of cases) {
    test(name, () => {
      const { outcome: decision, reason } = decide('mutate', podCreation(role, spec), policy, NOW, UNKNOWN);
      assert.deepEqual([decision, reason], expected);
    });
  }

  test('denies and asks to try again', () => {
    const { denial } = decide('validate', podCreation('other'), policy, NOW, UNKNOWN);
    assert.equal(denial?.code, 403);
    assert.match(denial.message, /does not know this namespace yet; try again\./);
  });
});

suite('a known namespace', () => {
  const policy = policyOf([allowlistOf('a', { roles: ['reader'], defaultRole: 'reader' })]);
  const cases = [
    { label: 'alibabacloud.com/eci', value: 'true', expected: 'inject' },
    { label: 'virtual-node-affinity-injection', value: 'enabled', expected: 'inject' },
    { label: 'alibabacloud.com/eci', value: 'false', expected: 'allow' },
  ] as const;

  for (const { label, value, expected } of cases) {
    test(`with the label ${label}=${value} has its pods decided: ${expected}`, () => {
      const facts = { labels: new Map([[label, value]]) };
      assert.equal(decide('mutate', podCreation(undefined), policy, NOW, facts).outcome, expected);
    });
  }

  test('is selected by its labels', () => {
    const selecting = policyOf([
      allowlistOf('a', { namespaceSelector: { matchLabels: { team: 'payments' } }, roles: ['reader'] }),
    ]);
    const allows = (team: string) =>
      decide('validate', podCreation('reader'), selecting, NOW, { labels: new Map([['team', team]]) })
        .outcome;
    assert.deepEqual([allows('payments'), allows('web')], ['allow', 'deny']);
  });
});

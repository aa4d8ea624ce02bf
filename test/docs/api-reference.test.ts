// The flow chart of docs/api-reference.md asks its questions in the order in which a pod is decided.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseReview } from '../../src/admission/review.ts';
import type { AllowlistSpec } from '../../src/policy/schema/allowlist.ts';
import { decide } from '../builders/decide.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/api-reference.md'), 'utf8');
const [, CHART = ''] = /```mermaid\n(.*?)```/s.exec(DOCUMENT) ?? [];
const NOW = Date.parse('2026-11-25T10:00:00Z');
const KNOWN = { labels: new Map<string, string>() };
const UNKNOWN = { labels: undefined };

const EXPIRED: Partial<AllowlistSpec> = {
  roles: ['*'],
  reason: 'incident',
  expiresAt: '2020-01-01T00:00:00Z',
};

/** In the order of the chart. Each answers the later questions about a role so that it would get their reason too. */
const CASES: readonly Readonly<{
  role: unknown;
  lists: readonly Partial<AllowlistSpec>[];
  labels?: typeof KNOWN | typeof UNKNOWN;
}>[] = [
  { role: 7, lists: [] },
  { role: '', lists: [{}] },
  { role: '', lists: [{ defaultRole: 'reader' }] },
  { role: 'KubernetesWorkerRole-1', lists: [{ roles: ['*'] }], labels: UNKNOWN },
  { role: 'writer', lists: [{ roles: ['*'] }, EXPIRED], labels: UNKNOWN },
  { role: 'no name', lists: [], labels: UNKNOWN },
  { role: 'no name', lists: [] },
  { role: 'writer', lists: [] },
  { role: 'writer', lists: [EXPIRED, {}] },
  { role: 'writer', lists: [{}] },
];

test('the flow chart has the reasons of pods in their order', () => {
  const reasons = CASES.map(({ role, lists, labels = KNOWN }) => {
    const policy = policyOf(lists.map((spec, index) => allowlistOf(`list-${index}`, spec)));
    const object = {
      metadata: {
        labels: { 'alibabacloud.com/eci': 'true' },
        annotations: { 'k8s.aliyun.com/eci-ram-role-name': role },
      },
    };
    const request = {
      uid: 'uid-1',
      namespace: 'payments',
      operation: 'CREATE',
      resource: { group: '', resource: 'pods' },
      object,
    };
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
    return decide('mutate', parseReview(review), policy, NOW, labels).reason;
  });
  assert.deepEqual(
    [...CHART.matchAll(/\(([a-z-]+)\)/g)].map(([, reason]) => reason),
    reasons,
  );
});

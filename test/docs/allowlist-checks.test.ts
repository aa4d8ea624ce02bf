// docs/allowlist-checks.md shows every warning about allowlists, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decideAllowlistRequest } from '../builders/allowlist.ts';
import { allowlistObject } from '../builders/allowlist-review.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/allowlist-checks.md'), 'utf8');
const SHOWN = [...DOCUMENT.matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = '']) => text);

const byLabels = (namespaceSelector: object) => ({ namespaces: undefined, namespaceSelector });
const NAME = 'kubernetes.io/metadata.name';

/** Together they cause each warning. */
const SPECS: readonly Readonly<Record<string, unknown>>[] = [
  { colour: 'red' },
  { roles: ['a b', 'c d', 'e f', 'g h'], ['k'.repeat(100)]: 1 },
  { ['k'.repeat(100)]: 1 },
  { violationAction: 'Audit' },
  { roles: ['*', 'Aliyun*', 'Kube*', 'KubernetesWorkerRole-1'], defaultRole: 'KubernetesWorkerRole-1' },
  { roles: ['*'], defaultRole: 'AliyunECIContainerGroupRole' },
  { namespaces: ['*', 'pay*'] },
  byLabels({ matchLabels: { team: 'a' } }),
  byLabels({}),
  byLabels({ matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['a'] }] }),
  { reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
  { reason: 'incident', expiresAt: '2062-01-01T00:00:00Z' },
  { namespaces: ['kube-system', 'kube-system'], roles: ['team-b-.*'] },
];

const POLICY = policyOf([allowlistOf('list')], { unlistedNamespaces: 'Warn' });

test('the document shows every warning, and no other', () => {
  const warnings = SPECS.flatMap((spec) => {
    const object = allowlistObject(spec);
    const request = { operation: 'UPDATE', object, oldObject: allowlistObject() };
    return decideAllowlistRequest(request, POLICY).warnings;
  });
  const patterns = SHOWN.map((text) => ({ text, pattern: toPattern(text) }));
  assert.deepEqual(
    warnings.filter((warning) => !patterns.some(({ pattern }) => pattern.test(warning))),
    [],
  );
  assert.deepEqual(
    patterns
      .filter(({ pattern }) => !warnings.some((warning) => pattern.test(warning)))
      .map(({ text }) => text),
    [],
  );
});

function toPattern(text: string): RegExp {
  return new RegExp(`^${text.split('…').map(RegExp.escape).join('.+')}$`);
}

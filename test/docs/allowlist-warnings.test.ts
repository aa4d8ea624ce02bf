// docs/allowlist-warnings.md shows every warning there is, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileChange, decideAllowlist } from '../../src/admission/allowlists/decide-allowlist.ts';
import { parseAllowlistChange } from '../../src/admission/allowlists/parse-allowlist-change.ts';
import { surveyNamespaces } from '../../src/admission/allowlists/survey-namespaces.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { allowlistObject, allowlistRequest } from '../builders/allowlist-review.ts';
import { finish } from '../builders/finish.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/allowlist-warnings.md'), 'utf8');
const SHOWN = [...DOCUMENT.matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = '']) => text);

const byLabels = (namespaceSelector: object) => ({ namespaces: undefined, namespaceSelector });
const NAME = 'kubernetes.io/metadata.name';

/** Between them they give rise to each warning. */
const SPECS: readonly Readonly<Record<string, unknown>>[] = [
  { colour: 'red' },
  { roles: ['a b', 'c d', 'e f', 'g h'], ['k'.repeat(100)]: 1 },
  { ['k'.repeat(100)]: 1 },
  { defaultRole: 'reader', violationAction: 'Warn' },
  { roles: ['*', 'Aliyun*', 'Kube*', 'KubernetesWorkerRole-1'], defaultRole: 'KubernetesWorkerRole-1' },
  { roles: ['*'], defaultRole: 'AliyunECIContainerGroupRole' },
  { namespaces: ['*', 'paymnets', 'x-*', 'pay*'] },
  byLabels({ matchLabels: { team: 'a' } }),
  byLabels({}),
  byLabels({ matchExpressions: [{ key: NAME, operator: 'In', values: ['payments', 'paymnets'] }] }),
  byLabels({ matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['a'] }] }),
  { reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
  { reason: 'incident', expiresAt: '2062-01-01T00:00:00Z' },
];
const REQUESTS: readonly Partial<AdmissionRequest>[] = [
  ...SPECS.map((spec) => ({ object: allowlistObject(spec) })),
  {
    operation: 'UPDATE',
    object: allowlistObject({ namespaces: ['analytics'] }),
    oldObject: allowlistObject({ namespaces: ['billing'] }),
  },
];

const POLICY = policyOf(
  [allowlistOf('other', { roles: ['writer'], defaultRole: 'writer', violationAction: 'Audit' })],
  {
    unlistedNamespaces: 'Warn',
  },
);
const KNOWN = new Map(['analytics', 'billing', 'payments'].map((name) => [name, new Map([[NAME, name]])]));

function warningsFor(request: Partial<AdmissionRequest>, isLate = false): readonly string[] {
  const change = parseAllowlistChange(allowlistRequest(request));
  assert.ok(change);
  const compiled = compileChange(change, POLICY);
  const survey = finish(
    surveyNamespaces(POLICY, compiled, { known: KNOWN, excluded: [], unmutated: [] }, NOW),
    isLate,
  );
  return decideAllowlist(change, compiled, survey, POLICY, NOW).warnings;
}

test('the document shows every warning, and no other', () => {
  const softened = allowlistRequest({
    operation: 'UPDATE',
    object: allowlistObject({ violationAction: 'Warn' }),
    oldObject: allowlistObject(),
  });
  const warnings = [
    ...[...REQUESTS, softened].flatMap((request) => warningsFor(request)),
    ...warningsFor({}, true),
  ];
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

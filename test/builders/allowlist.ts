import assert from 'node:assert/strict';
import { createAllowlistsRoute } from '../../src/admission/allowlists/route.ts';
import type { Decision } from '../../src/admission/decision.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { ExceededBound } from '../../src/policy/share.ts';
import { allowlistRequest } from './allowlist-review.ts';
import { policyOf } from './policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

/** Decides a change of an allowlist as its path does; by default no other allowlist is in force. */
export function decideAllowlistRequest(
  request: Partial<AdmissionRequest>,
  policy: Policy = policyOf([]),
  exceeded?: ExceededBound,
): Decision {
  const route = createAllowlistsRoute({
    excludedNamespaces: ['kube-system'],
    unmutatedNamespaces: ['kube-system'],
  });
  const change = route.parse(allowlistRequest(request));
  assert.ok(change);
  return route.decide(change, { policy, now: NOW, uncheckedNamespaces: ['kube-system'], exceeded });
}

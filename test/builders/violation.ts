import assert from 'node:assert/strict';
import { evaluate, type Violation } from '../../src/policy/evaluate.ts';
import type { PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import type { Subject } from '../../src/policy/subject.ts';
import { policyOf } from './policy.ts';

/** The time of the violation. */
export const NOW = Date.parse('2026-11-25T10:00:00Z');

/** The violation of a subject whose role these allowlists do not allow. */
export function violationOf(
  allowlists: readonly Allowlist[],
  subject: Subject,
  settings: Partial<PolicySettings> = {},
): Violation {
  const evaluation = evaluate(policyOf(allowlists, settings), subject, NOW);
  assert.equal(evaluation.verdict, 'violation');
  return evaluation;
}

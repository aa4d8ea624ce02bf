import assert from 'node:assert/strict';
import type { Decision } from '../../src/admission/decision.ts';
import { DECISIONS } from '../../src/routes.ts';

/** Asserts that the metrics have a series for this decision from the start. */
export function assertKnown(
  path: keyof typeof DECISIONS,
  { outcome, reason }: Pick<Decision, 'outcome' | 'reason'>,
): void {
  assert.ok(DECISIONS[path][outcome]?.includes(reason), `${path} gives ${outcome}, ${reason}`);
}

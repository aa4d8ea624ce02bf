import assert from 'node:assert/strict';
import type { Result } from '../../src/text/problem.ts';

/** The value of a result that must have one. */
export function expectValue<Value>(result: Result<Value, unknown>): Value {
  assert.ok(result.ok, `expected a value, found ${JSON.stringify(result)}`);
  return result.value;
}

/** The problem of a result that must have one. */
export function expectProblem<Failure>(result: Result<unknown, Failure>): Failure {
  assert.ok(!result.ok, `expected a problem, found ${JSON.stringify(result)}`);
  return result.problem;
}

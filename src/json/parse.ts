import { failure, type Result, success } from '../text/problem.ts';
import { countKeys, type JsonBounds, type JsonExcess, MAX_KEY_LENGTH } from './cost.ts';
import { walkJson } from './json.ts';

/** Why there is no value: the bound that a text exceeds, or it is no JSON. */
export type JsonProblem = JsonExcess | 'not-json';

/** A text of this length is parsed in 5 milliseconds, whatever is in it. To count first would cost more. */
export const UNCOUNTED_LENGTH = 32 * 1024;

/**
 * Parses JSON that a stranger wrote, if it is within its bounds. A key such as `__proto__` becomes an ordinary property, so
 * code that reads the value must not mistake an inherited property for an own one.
 */
export function parseJson(text: string, bounds: JsonBounds): Result<unknown, JsonProblem> {
  if (text.length > Math.min(UNCOUNTED_LENGTH, bounds.length)) {
    const keys = countKeys(text, bounds);
    if (!keys.ok) {
      return keys;
    }
  }
  return parse(text);
}

/**
 * Parses JSON that another program acts on; the problem completes the sentence "found …". A duplicate key is a problem:
 * we take its last value, while Go merges both into one struct, so that a field of the first value would count there and
 * not here.
 */
export function parseJsonStrictly(text: string, bounds: JsonBounds): Result<unknown, string> {
  const keys = countKeys(text, bounds);
  if (!keys.ok) {
    return failure(describeExcess(keys.problem, bounds));
  }
  const parsed = parse(text);
  if (!parsed.ok) {
    return failure('a text that is not JSON');
  }
  return keys.value === keysOf(parsed.value) ? parsed : failure('a duplicate key');
}

/** Describes a text that exceeds a bound, to complete the sentence "found …". */
export function describeExcess(excess: JsonExcess, bounds: JsonBounds): string {
  switch (excess) {
    case 'length':
      return `more than ${bounds.length} characters`;
    case 'cost':
      return `a cost of more than ${bounds.cost}`;
    case 'depth':
      return `more than ${bounds.depth} levels`;
    case 'key':
      return `a key of more than ${MAX_KEY_LENGTH} characters`;
  }
}

function parse(text: string): Result<unknown, 'not-json'> {
  try {
    return success(JSON.parse(text));
  } catch {
    return failure('not-json');
  }
}

function keysOf(root: unknown): number {
  return walkJson(root).reduce((count, { keys }) => count + keys.length, 0);
}

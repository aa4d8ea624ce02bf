import { failure, type Result, success } from '../text/problem.ts';
import { walkJson } from './walk.ts';

/** The most values of a JSON text: more than an object needs that other programs act on. */
export const MAX_VALUES = 20_000;

/**
 * Parses JSON that another program acts on; the problem completes the sentence "found …". A duplicate key is a problem:
 * we take its last value, while Go merges both into one struct, so that a field of the first value would count there and
 * not here.
 */
export function parseJsonStrictly(text: string): Result<unknown, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failure('a text that is not JSON');
  }
  const keys = countKeys(value);
  if (keys === undefined) {
    return failure(`more than ${MAX_VALUES} values`);
  }
  return countKeysInText(text) === keys ? success(value) : failure('a duplicate key');
}

/** Counts colons outside of strings: in valid JSON, there is one after each key and no other. */
function countKeysInText(text: string): number {
  let count = 0;
  let isInText = false;
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === '"') {
      isInText = !isInText;
    } else if (isInText && character === '\\') {
      position++;
    } else if (!isInText && character === ':') {
      count++;
    }
  }
  return count;
}

/** Counts the keys of all objects; undefined if there are too many values. */
function countKeys(root: unknown): number | undefined {
  let keys = 0;
  let values = 1;
  for (const node of walkJson(root)) {
    keys += node.keys.length;
    values += Array.isArray(node.value) ? node.value.length : node.keys.length;
    if (values > MAX_VALUES) {
      return undefined;
    }
  }
  return keys;
}

import { isObject } from '../policy/json-object.ts';

/** What a text of JSON holds, or what is wrong with it, as it completes the sentence "found …". */
export type ParsedJson =
  | Readonly<{ value: unknown; problem?: never }>
  | Readonly<{ value?: never; problem: string }>;

/**
 * Parses JSON that somebody else acts on. A key that stands twice is a problem: we take the last, while Go merges the
 * two into one struct, so that what only the first says would count there and not here.
 */
export function parseJsonStrictly(text: string): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'a text that is no JSON' };
  }
  return countKeysInText(text) === countKeys(value) ? { value } : { problem: 'a key that stands twice' };
}

/** In JSON that is valid, a text with a colon behind it is a key, and nothing else is. */
function countKeysInText(text: string): number {
  let count = 0;
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', start)) {
    let end = start + 1;
    while (text[end] !== '"') {
      end += text[end] === '\\' ? 2 : 1;
    }
    start = skipSpace(text, end + 1);
    count += text[start] === ':' ? 1 : 0;
  }
  return count;
}

function skipSpace(text: string, from: number): number {
  let position = from;
  while (position < text.length && ' \t\n\r'.includes(text.charAt(position))) {
    position++;
  }
  return position;
}

function countKeys(root: unknown): number {
  let count = 0;
  const pending = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (isObject(value)) {
      count += Object.keys(value).length;
    }
    if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) {
        pending.push(inner);
      }
    }
  }
  return count;
}

/** More values than any object needs that others act on. */
export const MAX_VALUES = 20_000;

/** What a text of JSON holds, or what is wrong with it, as it completes the sentence "found …". */
export type ParsedJson = Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false; problem: string }>;

/**
 * Parses JSON that somebody else acts on. A duplicate key is one: we take
 * the last value, while Go merges both into one struct, so a field of the first value would count there and not here.
 */
export function parseJsonStrictly(text: string): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: 'a text that is not JSON' };
  }
  const keys = countKeys(value);
  if (keys === undefined) {
    return { ok: false, problem: `more than ${MAX_VALUES} values` };
  }
  return countKeysInText(text) === keys ? { ok: true, value } : { ok: false, problem: 'a duplicate key' };
}

/** In JSON that is valid, a colon outside of texts stands behind a key, and nowhere else. */
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

/** Undefined where there are too many values to go on. */
function countKeys(root: unknown): number | undefined {
  let keys = 0;
  let values = 1;
  const pending = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) {
      continue;
    }
    const inner = Object.values(value);
    values += inner.length;
    if (values > MAX_VALUES) {
      return undefined;
    }
    keys += Array.isArray(value) ? 0 : inner.length;
    pending.push(...inner);
  }
  return keys;
}

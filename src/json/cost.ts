import { failure, type Result, success } from '../text/problem.ts';

/** The bounds of a JSON text that is parsed. */
export type JsonBounds = Readonly<{
  /** In UTF-16 code units. */
  length: number;
  /**
   * About the time that parsing takes: each value counts 1, each object or array 2 more, and each key 5 more if it is the
   * first to follow the keys before it. V8 makes a hidden class of every such row of keys, which is its slowest step.
   */
  cost: number;
  /** The most objects and arrays inside each other. */
  depth: number;
}>;

/** The bound that a text exceeds. */
export type JsonExcess = keyof JsonBounds | 'key';

const CONTAINER_COST = 2;
const NEW_KEY_COST = 5;

/**
 * No Kubernetes object has a longer key. From 16,384 characters on, V8 hashes keys by their length alone, so that a thousand
 * of one length in 16 MiB took 0.8 s.
 */
export const MAX_KEY_LENGTH = 4_096;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Counts the keys of a JSON text without parsing it, or finds the first bound that it exceeds. Reads each character at most
 * twice. Where a text stops being JSON the count may stop too, because the parser does.
 */
export function countKeys(text: string, bounds: JsonBounds): Result<number, JsonExcess> {
  if (text.length > bounds.length) {
    return failure('length');
  }
  const noKeys: KeyRow = { key: '', next: undefined, others: undefined };
  const outer: KeyRow[] = [];
  let row = noKeys;
  let keys = 0;
  let cost = 1;
  let start = 0;
  let end = 0;
  let isAfterString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < QUOTE || (code > COLON && code < OPEN_ARRAY) || (code > CLOSE_ARRAY && code < OPEN_OBJECT)) {
      continue;
    }
    if (code === QUOTE) {
      if (isAfterString) {
        break;
      }
      start = index + 1;
      end = endOfString(text, start);
      index = end;
      isAfterString = true;
      continue;
    }
    if (code === COMMA) {
      cost += 1;
    } else if (code === COLON) {
      if (!isAfterString) {
        break;
      }
      if (end - start > MAX_KEY_LENGTH) {
        return failure('key');
      }
      const key = text.slice(start, end);
      const known = findNext(row, key);
      cost += known === undefined ? NEW_KEY_COST : 0;
      row = known ?? addNext(row, key);
      keys += 1;
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      cost += CONTAINER_COST;
      outer.push(row);
      row = noKeys;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      const closed = outer.pop();
      if (closed === undefined) {
        break;
      }
      row = closed;
    }
    if (outer.length > bounds.depth) {
      return failure('depth');
    }
    if (cost > bounds.cost) {
      return failure('cost');
    }
    isAfterString = false;
  }
  return success(keys);
}

/** The index of the quote that ends a string; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  const end = text.indexOf('"', start);
  if (end === -1) {
    return text.length;
  }
  if (text.charCodeAt(end - 1) !== BACKSLASH) {
    return end;
  }
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      return index;
    }
    index += code === BACKSLASH ? 1 : 0;
  }
  return text.length;
}

/** The keys that an object has so far, by the last of them, and the keys that follow them. Most have one that follows. */
type KeyRow = { readonly key: string; next: KeyRow | undefined; others: Map<string, KeyRow> | undefined };

function findNext({ next, others }: KeyRow, key: string): KeyRow | undefined {
  return next?.key === key ? next : others?.get(key);
}

function addNext(row: KeyRow, key: string): KeyRow {
  const added: KeyRow = { key, next: undefined, others: undefined };
  if (row.next === undefined) {
    row.next = added;
  } else {
    row.others ??= new Map();
    row.others.set(key, added);
  }
  return added;
}

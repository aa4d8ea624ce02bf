import { SMALL_BODY_BYTES } from './body.ts';
import { RequestError } from './errors.ts';

const MAX_VALUES = 200_000;

/**
 * Parses a body. Keys such as `__proto__` become ordinary properties, as JSON.parse makes them; nothing that
 * reads the outcome may take an inherited property for an own one.
 *
 * @throws {RequestError} where it is no JSON, or so wide that parsing it would cost too much
 */
export function parseJson(body: Buffer): unknown {
  if (body.length > SMALL_BODY_BYTES && hasMoreValuesThan(body, MAX_VALUES)) {
    throw new RequestError('too-many-values', `expected at most ${MAX_VALUES} JSON values, found more`);
  }
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new RequestError('not-json', 'expected a JSON body, found something else');
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENERS = new Set([0x5b, 0x7b]);
const CLOSERS = new Set([0x5d, 0x7d]);
const WHITESPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Counts the values of a JSON text, up to just beyond `max`, without parsing it. Depth is harmless to the
 * parser, but millions of small values cost it a hundred times the memory that they take as text.
 */
export function hasMoreValuesThan(json: Uint8Array, max: number): boolean {
  let values = 1;
  let isContainerEmpty = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index] ?? 0;
    if (WHITESPACE.has(byte)) {
      continue;
    }
    if (byte === COMMA || (isContainerEmpty && !CLOSERS.has(byte))) {
      values++;
      if (values > max) {
        return true;
      }
    }
    isContainerEmpty = OPENERS.has(byte);
    if (byte === QUOTE) {
      index = endOfString(json, index);
    }
  }
  return false;
}

/** The index of the quote that ends the string which begins at `start`, the end of the text where none does. */
function endOfString(json: Uint8Array, start: number): number {
  let end = start;
  do {
    end = json.indexOf(QUOTE, end + 1);
    if (end === -1) {
      return json.length;
    }
  } while (isEscaped(json, start, end));
  return end;
}

function isEscaped(json: Uint8Array, start: number, quote: number): boolean {
  let backslashes = 0;
  while (quote - 1 - backslashes > start && json[quote - 1 - backslashes] === BACKSLASH) {
    backslashes++;
  }
  return backslashes % 2 === 1;
}

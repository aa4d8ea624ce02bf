import { failure, type Result, success } from '../text/problem.ts';
import { SMALL_BODY_BYTES } from './body.ts';
import type { Rejection } from './errors.ts';

const MAX_VALUES = 200_000;

/**
 * Parses a body; it is rejected if it is no JSON, or so wide that parsing it would cost too much. Keys such as
 * `__proto__` become ordinary properties, so code that reads the value must not mistake an inherited property for an
 * own one.
 */
export function parseJson(body: Buffer): Result<unknown, Rejection> {
  if (body.length > SMALL_BODY_BYTES && hasMoreValuesThan(body, MAX_VALUES)) {
    const message = `expected at most ${MAX_VALUES} JSON values, found more`;
    return failure({ reason: 'too-many-values', message });
  }
  try {
    return success(JSON.parse(body.toString()));
  } catch {
    return failure({ reason: 'not-json', message: 'expected a JSON body, found something else' });
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENERS = new Set([0x5b, 0x7b]);
const CLOSERS = new Set([0x5d, 0x7d]);
const WHITESPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Counts the values of a JSON text without parsing it, and stops at `max`. Depth is harmless to the parser, but
 * millions of small values take a hundred times as much memory as their text.
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

/** The index of the quote that ends the string which begins at `start`; the end of the text if there is none. */
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

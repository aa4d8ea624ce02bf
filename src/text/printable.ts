/** The most characters of a value from a request that are shown, logged or annotated. */
export const MAX_SHOWN_CHARACTERS = 80;

/** The most names that a text lists; the rest are counted or omitted. */
export const MAX_LISTED = 10;

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const HALF_A_PAIR_AT_THE_END = /[\uD800-\uDBFF]$/;

/** Cuts a text to at most `max` UTF-16 code units, never through the middle of a surrogate pair. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : text.slice(0, max).replace(HALF_A_PAIR_AT_THE_END, '');
}

/** Cuts a text to at most `max` UTF-16 code units; a cut text ends with `…`. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${cut(text, max - 1)}…`;
}

/**
 * Makes a value of a request safe for a message, a log line or an audit annotation. Cuts it to `max` UTF-16 code units, and
 * replaces control, format and line-separating characters and lone surrogates by U+FFFD. So no value can break a line,
 * hide a part of itself or be invalid as an HTTP header.
 */
export function printable(value: string, max = MAX_SHOWN_CHARACTERS): string {
  return cut(value, max).replace(UNPRINTABLE, '\uFFFD');
}

/** Does the same, in double quotes; `…` follows a cut value. */
export function quoted(value: string, max = MAX_SHOWN_CHARACTERS): string {
  return `"${printable(value, max)}"${value.length > max ? '…' : ''}`;
}

/** The message of an error, or the text of any other thrown value, on one line. */
export function errorMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

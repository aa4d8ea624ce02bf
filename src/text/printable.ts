/** The most characters of a value from a request that are shown, logged or annotated. */
export const MAX_SHOWN_CHARACTERS = 80;

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const HALF_A_PAIR_AT_THE_END = /[\uD800-\uDBFF]$/;

/** Cuts a text to at most `max` UTF-16 code units, never through the middle of a surrogate pair. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : text.slice(0, max).replace(HALF_A_PAIR_AT_THE_END, '');
}

/** Cuts a text to at most `max` UTF-16 code units, the last of them a mark where something was cut off. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${cut(text, max - 1)}…`;
}

/**
 * A value from outside as it may stand in a message, a log line or an audit annotation: cut to `max`
 * characters, and every control, format or line-separating character and lone surrogate replaced by U+FFFD,
 * so that no value can break a line, hide a part of itself or be refused as an HTTP header.
 */
export function printable(value: string, max = MAX_SHOWN_CHARACTERS): string {
  return cut(value, max).replace(UNPRINTABLE, '\uFFFD');
}

/** The same in double quotes, with a mark behind where something was cut off. */
export function quoted(value: string, max = MAX_SHOWN_CHARACTERS): string {
  return `"${printable(value, max)}"${value.length > max ? '…' : ''}`;
}

/** What an error says, whatever was thrown, on one line. */
export function errorMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

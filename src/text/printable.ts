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

/**
 * Returns one copy of equal texts, which holds no larger text in memory as a slice of one does. V8 keeps a single copy of
 * every name of a property, and frees it when nothing uses it.
 */
export function intern(text: string): string {
  const names: Record<string, true> = Object.create(null);
  names[text] = true;
  for (const name in names) {
    return name;
  }
  return text;
}

/** The first `max` characters of a text, which hold nothing else of it in memory. */
export function internCut(text: string, max: number): string {
  return intern(cut(text, max));
}

const TIME_UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/**
 * Formats a positive duration in milliseconds in its two largest units, rounded down: `5d 3h`, `20min`; at least `1s`.
 */
export function formatTimeLeft(milliseconds: number): string {
  let seconds = Math.max(1, Math.floor(milliseconds / 1000));
  const parts: string[] = [];
  for (const [unit, size] of TIME_UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0) {
      parts.push(`${count}${unit}`);
    } else if (parts.length > 0) {
      break;
    }
  }
  return parts.slice(0, 2).join(' ');
}

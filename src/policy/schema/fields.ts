import * as z from 'zod';

/**
 * A text of one form and at most `max` characters, which the pattern makes ASCII. `expected` completes the sentence
 * "expected …, found …", as every `error` of a schema here does. The pattern must mean the same in JavaScript and in
 * Go's RE2, because the API server checks it too.
 */
export function text(pattern: RegExp, max: number, expected: string) {
  return z
    .string({ error: expected })
    .refine((value) => value.length <= max && pattern.test(value), { error: expected })
    .meta({ maxLength: max, pattern: pattern.source });
}

/** An array of `min` to `max` items. */
export function listOf<Item extends z.ZodType>(item: Item, min: number, max: number, expected: string) {
  return z.array(item, { error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** The most code points of the texts for people in an allowlist: its contact and its reason. */
export const MAX_SHORT_TEXT_CODE_POINTS = 128;

/** Their most UTF-16 code units: JavaScript takes up to two for a code point. */
export const MAX_SHORT_TEXT_LENGTH = 2 * MAX_SHORT_TEXT_CODE_POINTS;

/** A text of `min` to `max` characters. Counts code points, as Kubernetes does, not UTF-16 code units. */
export function shortText(min: number, max: number) {
  const expected = `a text of ${min} to ${max} characters`;
  return z
    .string({ error: expected })
    .refine((value) => value.length <= 2 * max && isBetween([...value].length, min, max), { error: expected })
    .meta({ minLength: min, maxLength: max });
}

function isBetween(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

const UTC_SECOND = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

const UTC_SECOND_CHARACTERS = 20;

/** A time such as 2026-12-01T18:00:00Z. */
export function utcSecond() {
  const expected = 'a time in UTC and whole seconds, such as 2026-12-01T18:00:00Z';
  return text(UTC_SECOND, UTC_SECOND_CHARACTERS, expected).refine(
    (value) => value.length !== UTC_SECOND_CHARACTERS || !UTC_SECOND.test(value) || isInstant(value),
    {
      error: expected,
    },
  );
}

/** Whether there is such a day and second; `Date` accepts 31 February as a day of March. */
function isInstant(value: string): boolean {
  const instant = new Date(value);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().replace('.000Z', 'Z') === value;
}

import * as z from 'zod';

/**
 * A text of one form and at most `max` characters, which the pattern makes ASCII; `expected` completes the sentence
 * "expected …, found …", as every `error` of a schema here does. The pattern is one that JavaScript and Go's RE2
 * understand alike, since the API server checks it too.
 */
export function text(pattern: RegExp, max: number, expected: string) {
  return z
    .string({ error: expected })
    .max(max, { error: expected, abort: true })
    .regex(pattern, { error: expected });
}

/** A list of `min` to `max` items. */
export function listOf<Item extends z.ZodType>(item: Item, min: number, max: number, expected: string) {
  return z.array(item, { error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** A text of `min` to `max` characters, counted as Kubernetes counts them (code points), not in UTF-16 code units. */
export function shortText(min: number, max: number) {
  const expected = `a text of ${min} to ${max} characters`;
  return z
    .string({ error: expected })
    .refine((value) => isBetween([...value].length, min, max), { error: expected })
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
    (value) => !UTC_SECOND.test(value) || isInstant(value),
    {
      error: expected,
    },
  );
}

/** Tells whether there is such a day and second; `Date` takes a day too many as one of the next month. */
function isInstant(value: string): boolean {
  const instant = new Date(value);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().replace('.000Z', 'Z') === value;
}

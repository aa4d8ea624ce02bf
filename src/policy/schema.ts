import * as z from 'zod';

/** A text of one form; `expected` completes the sentence "expected …, found …", as every `error` of a schema here does. */
export function text(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

/** A list of `min` to `max` items. */
export function listOf<Item extends z.ZodType>(item: Item, min: number, max: number, expected: string) {
  return z.array(item, { error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** A text of `min` to `max` characters, counted Kubernetes counts them (code points), not in UTF-16 code units. */
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

import { isIP } from 'node:net';
import * as z from 'zod';
import { ROLE_PATTERN } from '../policy/names.ts';
import type { Delegation } from '../policy/share.ts';

const OBJECT_NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const MAX_PORT = 65_535;
const MIN_ENTRIES = 1_000;
const MAX_ENTRIES = 100_000_000;
const MAX_DURATION_MS = 3_600_000;
const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
]);

/** A text; `expected` completes the sentence "expected …, found …", as every `error` here does. */
function text(expected: string, isValid: (text: string) => boolean) {
  return z.string({ error: expected }).refine(isValid, { error: expected });
}

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: words.join(', ') });

export const path = (expected = 'a path') => text(expected, (path) => path !== '');

export const objectName = () =>
  text('the name of a Kubernetes object, of lower-case letters, digits or . -', (name) =>
    OBJECT_NAME.test(name),
  );

export const ipAddress = () =>
  text('an IP address such as 127.0.0.1 or ::', (address) => isIP(address) !== 0);

export const port = () =>
  text(
    `a port from 0 (any free one) to ${MAX_PORT}`,
    (port) => /^\d{1,5}$/.test(port) && Number(port) <= MAX_PORT,
  ).transform(Number);

/** A duration in milliseconds. */
export const duration = () =>
  text(
    'a duration up to 60m, such as 500ms, 10s, 1m',
    (duration) => toMilliseconds(duration) <= MAX_DURATION_MS,
  ).transform(toMilliseconds);

/** A number of entries of allowlists. */
export const entries = () =>
  text(
    `a number from ${MIN_ENTRIES} to ${MAX_ENTRIES}`,
    (count) => /^\d{1,9}$/.test(count) && isBetween(Number(count), MIN_ENTRIES, MAX_ENTRIES),
  ).transform(Number);

const DELEGATION = /^[a-z0-9]([-.a-z0-9]*):(\d{0,9}):([-*a-z0-9]+( [-*a-z0-9]+)*)$/;

/** Delegations, each as prefix:entries:namespaces. */
export const delegations = () =>
  commaSeparated('delegations as prefix:entries:namespaces, separated by commas', DELEGATION).transform(
    (texts) => texts.map(toDelegation),
  );

function toDelegation(text: string): Delegation {
  const [listNamePrefix = '', entries = '', namespaces = ''] = text.split(':');
  return {
    listNamePrefix,
    maxEntries: entries === '' ? undefined : Number(entries),
    namespaces: namespaces.split(' '),
  };
}

function isBetween(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

export const roles = () =>
  commaSeparated('role names separated by commas; * matches any number of characters', ROLE_PATTERN);

export const namespaces = () => commaSeparated('names of namespaces separated by commas', NAMESPACE);

/** Custom kinds, each as `resource.group`. */
export const kinds = () =>
  commaSeparated(
    'custom kinds as resource.group, separated by commas',
    /^[a-z][-a-z0-9]*(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}$/,
  );

/** A text that one mode of the server needs; null, and then an empty text, in every other mode. */
export const neededText = (schema: z.ZodType<string>) => schema.nullable().transform((text) => text ?? '');

function commaSeparated(expected: string, pattern: RegExp) {
  return text(expected, (text) => splitAtCommas(text).every((entry) => pattern.test(entry)))
    .transform(splitAtCommas)
    .readonly();
}

function splitAtCommas(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** The duration in milliseconds, NaN if the text is not a duration. */
function toMilliseconds(duration: string): number {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m)$/.exec(duration) ?? [];
  return Number(amount) * (MILLISECONDS.get(unit) ?? Number.NaN);
}

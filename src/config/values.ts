import { isIP } from 'node:net';
import { ROLE_PATTERN } from '../policy/names.ts';

/** What should have stood where a value was wrong. */
export class Expected {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

export function parsePath(text: string): string | Expected {
  return text === '' ? new Expected('a path') : text;
}

export function parseObjectName(text: string): string | Expected {
  return /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/.test(text)
    ? text
    : new Expected('the name of a Kubernetes object, of lower-case letters, digits or . -');
}

export function parseIpAddress(text: string): string | Expected {
  return isIP(text) === 0 ? new Expected('an IP address such as 127.0.0.1 or ::') : text;
}

export function parsePort(text: string): number | Expected {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? Number(text)
    : new Expected('a port from 0 (any free one) to 65535');
}

export function oneOf<const Words extends readonly string[]>(
  words: Words,
): (text: string) => Words[number] | Expected {
  return (text) => words.find((word) => word === text) ?? new Expected(words.join(', '));
}

export function parseRolePatterns(text: string): readonly string[] | Expected {
  return parseList(text, ROLE_PATTERN, 'role names separated by commas, in which * matches any run');
}

export function parseNamespaces(text: string): readonly string[] | Expected {
  return parseList(text, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'names of namespaces separated by commas');
}

function parseList(text: string, pattern: RegExp, what: string): readonly string[] | Expected {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.every((entry) => pattern.test(entry)) ? Object.freeze(entries) : new Expected(what);
}

const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
]);
const MAX_DURATION_MS = 3_600_000;

export function parseDuration(text: string): number | Expected {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (MILLISECONDS.get(unit) ?? Number.NaN);
  return milliseconds <= MAX_DURATION_MS
    ? milliseconds
    : new Expected('a duration up to 60m, such as 500ms, 10s, 1m');
}

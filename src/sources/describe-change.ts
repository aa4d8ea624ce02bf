import { isDeepStrictEqual } from 'node:util';
import type { Allowlist } from '../policy/allowlist.ts';

/** The names of the lists in which two snapshots differ. */
export type AllowlistChange = Readonly<{
  added: readonly string[];
  changed: readonly string[];
  removed: readonly string[];
}>;

export function describeChange(before: readonly Allowlist[], after: readonly Allowlist[]): AllowlistChange {
  const old = new Map(before.map(({ name, spec }) => [name, spec]));
  const names = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    changed: after
      .filter(({ name, spec }) => old.has(name) && !isDeepStrictEqual(old.get(name), spec))
      .map(({ name }) => name),
    removed: before.filter(({ name }) => !names.has(name)).map(({ name }) => name),
  };
}

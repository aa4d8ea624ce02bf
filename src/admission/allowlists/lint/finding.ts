/** A part of an allowlist: its path, and what stands there where that helps to find it. */
export type AllowlistPlace = Readonly<{ path: string; value?: string }>;

/** Something that a schema cannot forbid, and that whoever writes an allowlist should know of. */
export type AllowlistWarning = Readonly<{
  /** Where it stands; at least one. */
  places: readonly AllowlistPlace[];
  /** What it leads to. */
  problem: string;
  advice: string;
}>;

/** One warning for all of the places, none where there is none. */
export function warnOf(
  places: readonly AllowlistPlace[],
  problem: string,
  advice: string,
): readonly AllowlistWarning[] {
  return places.length === 0 ? [] : [{ places, problem, advice }];
}

/** The entries of a field of the spec for which something holds. */
export function entriesOf(
  field: 'namespaces' | 'roles',
  entries: readonly string[],
  holds: (entry: string) => boolean,
): readonly Required<AllowlistPlace>[] {
  return entries.flatMap((value, index) =>
    holds(value) ? [{ path: `spec.${field}[${index}]`, value }] : [],
  );
}

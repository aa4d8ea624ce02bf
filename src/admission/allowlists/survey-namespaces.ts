import type { Conflict } from '../../policy/conflicts.ts';
import type { Labels } from '../../policy/label-selector.ts';
import { labelsOfNew } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import {
  type CompiledChange,
  compareNamespaces,
  type SoftenedNamespace,
  type UngovernedNamespaces,
} from './compare-namespaces.ts';
import { findMissing } from './missing-namespaces.ts';
import { searchPatterns } from './search-patterns.ts';

/** The namespaces of a cluster, as far as they are known. */
export type ClusterNamespaces = UngovernedNamespaces &
  Readonly<{
    /** Undefined where they are not known. */
    known: ReadonlyMap<string, Labels> | undefined;
  }>;

/** What a change of a list means for the namespaces there are, and for those that it names. */
export type NamespaceSurvey = Readonly<{
  /** The namespaces there are; none where they are not known. */
  known: ReadonlyMap<string, Labels>;
  /** Names of the list that no namespace has. */
  missing: ReadonlySet<string>;
  /** Names that its selector takes in and no namespace has. */
  missingByLabel: ReadonlySet<string>;
  /** Globs of the list that match no namespace. */
  unmatched: ReadonlySet<string>;
  selectorMatchesNone: boolean;
  /** Those that are there first, by name. */
  softened: readonly SoftenedNamespace[];
  /** What contradicts the list's default, in the first namespace where something does. */
  conflict: Conflict | undefined;
  /** How many namespaces there was no time to look at. */
  leftOut: number;
}>;

const NOTHING_KNOWN: ReadonlyMap<string, Labels> = new Map();

/**
 * Looks at the namespaces there are, in their order by name, then at those that the list names, or named, and that are
 * yet to be created. A glob that matches none is looked at as if its text were a name: the globs that match that match
 * whatever it may match. Yields after each. Once `true` comes back it leaves the rest out, and calls no pattern
 * unmatched that was not tried on all.
 */
export function* surveyNamespaces(
  policy: Policy,
  change: CompiledChange,
  { known, ...ungoverned }: ClusterNamespaces,
  now: number,
): Generator<undefined, NamespaceSurvey, boolean> {
  const { before, after } = change;
  const here = known ?? NOTHING_KNOWN;
  const missing = findMissing(after, here);
  const missingBefore = findMissing(before, here);
  const comparison = compareNamespaces(policy, change, ungoverned, now);
  const search = searchPatterns(before, after);

  const toCome = [missing, missingBefore].flatMap(({ byName, byLabel }) => [...byName, ...byLabel]);
  const queue = [...[...here.keys()].sort(), ...new Set(toCome)];
  let leftOut = 0;
  for (const [index, namespace] of queue.entries()) {
    const labels = here.get(namespace);
    if (labels !== undefined) {
      search.look(namespace, labels);
    }
    comparison.look(namespace, labels ?? labelsOfNew(namespace));
    if (yield) {
      leftOut = queue.length - index - 1;
      break;
    }
  }

  const isSearched = leftOut === 0;
  const globs = isSearched ? search.unmatchedGlobs() : [];
  for (const [index, glob] of globs.entries()) {
    comparison.look(glob, labelsOfNew(glob));
    if (yield) {
      leftOut = globs.length - index - 1;
      break;
    }
  }

  return {
    known: here,
    ...(known
      ? { missing: new Set(missing.byName), missingByLabel: new Set(missing.byLabel) }
      : NONE_MISSING),
    ...(known && isSearched
      ? { unmatched: new Set(globs), selectorMatchesNone: search.selectorMatchesNone() }
      : NOTHING_UNMATCHED),
    softened: comparison.softened,
    conflict: comparison.conflict(),
    leftOut,
  };
}

const NONE_MISSING = { missing: new Set<string>(), missingByLabel: new Set<string>() };
const NOTHING_UNMATCHED = { unmatched: new Set<string>(), selectorMatchesNone: false };

import type { CompiledAllowlist } from '../../policy/allowlist.ts';
import { compileGlob, isGlob } from '../../policy/glob.ts';
import { compileLabelSelector, type Labels } from '../../policy/label-selector.ts';

/** A search for namespaces that some lists match by a pattern. */
export type PatternSearch = Readonly<{
  look: (namespace: string, labels: Labels) => void;
  /** The globs of the lists that matched none of the namespaces looked at. */
  unmatchedGlobs: () => readonly string[];
  /** Whether the last list has a selector, and it selected none of them. */
  selectorMatchesNone: () => boolean;
}>;

/**
 * As many as two lists have that keep to the schema. With more, which only an object has that another CRD accepted, a
 * list is Invalid, and its globs are not worth the time it takes to compile them.
 */
const MAX_PATTERNS = 512;

/** Looks for a namespace that each pattern matches. */
export function searchPatterns(
  before: CompiledAllowlist | undefined,
  after: CompiledAllowlist,
): PatternSearch {
  const patterns = [...(after.spec.namespaces ?? []), ...(before?.spec.namespaces ?? [])];
  const searched = patterns.length > MAX_PATTERNS ? [] : patterns.filter(isGlob);
  const globs = new Map(searched.map((glob) => [glob, compileGlob(glob)]));
  const { namespaceSelector } = after.spec;
  const matchesLabels = namespaceSelector && compileLabelSelector(namespaceSelector);
  let selectorMatchesNone = matchesLabels !== undefined;
  return {
    look: (namespace, labels) => {
      for (const [glob, matches] of globs) {
        if (matches(namespace)) {
          globs.delete(glob);
        }
      }
      selectorMatchesNone &&= !matchesLabels?.(labels);
    },
    unmatchedGlobs: () => [...globs.keys()],
    selectorMatchesNone: () => selectorMatchesNone,
  };
}

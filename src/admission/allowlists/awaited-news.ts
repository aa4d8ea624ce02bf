import { isSameJson } from '../../json/equal.ts';
import type { AllowlistChange } from './parse-allowlist-change.ts';
import type { NamespaceSurvey } from './survey-namespaces.ts';

/** What a list asks for in vain now, and may find in a moment. */
export type AwaitedNews = Readonly<{ namespaces: readonly string[]; isPatternUnmatched: boolean }>;

const NOTHING: AwaitedNews = { namespaces: [], isPatternUnmatched: false };

/**
 * Finds what is worth waiting for: a namespace may have been created just before the list, or its change, that names it
 * for the first time. Of a list that will be Invalid none of this is told.
 */
export function findAwaitedNews(
  { before, after, problems }: AllowlistChange,
  { missing, missingByLabel, unmatched, selectorMatchesNone }: NamespaceSurvey,
): AwaitedNews {
  if (problems.length > 0) {
    return NOTHING;
  }
  const known = new Set(before?.spec.namespaces);
  const isNewSelector = !isSameJson(before?.spec.namespaceSelector, after.spec.namespaceSelector);
  return {
    namespaces: [
      ...[...missing].filter((name) => !known.has(name)),
      ...(isNewSelector ? missingByLabel : []),
    ],
    isPatternUnmatched:
      [...unmatched].some((glob) => !known.has(glob)) || (selectorMatchesNone && isNewSelector),
  };
}

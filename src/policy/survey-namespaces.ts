import { type CompiledAllowlist, rankOf } from './compiled-allowlist.ts';
import { type Conflict, findConflicts } from './find-conflicts.ts';
import { compileGlob, isGlob } from './glob.ts';
import { compileLabelSelector, type Labels } from './label-selector.ts';
import { overlayAllowlist } from './overlay-allowlist.ts';
import type { Policy } from './policy.ts';
import { isSofter, type ViolationAction } from './violation-action.ts';

/** A list before and after it changes; undefined before it is there. */
export type CompiledChange = Readonly<{
  before: CompiledAllowlist | undefined;
  after: CompiledAllowlist;
}>;

/** A namespace whose violations are met with a softer action than before. */
export type SoftenedNamespace = Readonly<{
  namespace: string;
  from: ViolationAction;
  to: ViolationAction;
  /** Whether the list selects it after the change. */
  isSelected: boolean;
}>;

/** What a change of a list means for the namespaces there are. */
export type NamespaceSurvey = Readonly<{
  /** The namespaces there are; none where they are not known. */
  known: ReadonlyMap<string, Labels>;
  /** Names of the list that no namespace has. */
  missing: ReadonlySet<string>;
  /** Globs of the list that match no namespace. */
  unmatched: ReadonlySet<string>;
  selectorMatchesNone: boolean;
  /** By name. */
  softened: readonly SoftenedNamespace[];
  /** What contradicts the list's default, in the first namespace where something does. */
  conflict: Conflict | undefined;
  /** How many namespaces there was no time to look at. */
  leftOut: number;
}>;

const NO_LABELS: Labels = new Map();

/**
 * Looks at the namespaces there are, in their order by name; where they are not known, at those that the list names.
 * Yields after each. Once `true` comes back it leaves the rest out, and calls no pattern unmatched.
 */
export function* surveyNamespaces(
  policy: Policy,
  { before, after }: CompiledChange,
  known: ReadonlyMap<string, Labels> | undefined,
  now: number,
): Generator<undefined, NamespaceSurvey, boolean> {
  const names = known ? known.keys() : [...(before?.exactNamespaces ?? []), ...after.exactNamespaces];
  const queue = [...new Set(names)].sort();
  const policies = {
    before: overlayAllowlist(policy, after.name, before),
    after: overlayAllowlist(policy, after.name, after),
  };
  const search = searchPatterns(after, known);
  const softened: SoftenedNamespace[] = [];
  let conflict: Conflict | undefined;
  let leftOut = 0;
  for (const [index, namespace] of queue.entries()) {
    const labels = known?.get(namespace) ?? NO_LABELS;
    search.look(namespace, labels);
    const isSelected = rankOf(after, namespace, labels) !== undefined;
    if (isSelected || (before !== undefined && rankOf(before, namespace, labels) !== undefined)) {
      const from = actionIn(policies.before, namespace, labels);
      const to = actionIn(policies.after, namespace, labels);
      if (isSofter(to, from)) {
        softened.push({ namespace, from, to, isSelected });
      }
    }
    if (isSelected && after.defaultRole !== undefined) {
      conflict ??= findConflicts(policies.after, new Map([[namespace, labels]]), now).get(after.name);
    }
    if (yield) {
      leftOut = queue.length - index - 1;
      break;
    }
  }
  return {
    known: known ?? new Map(),
    missing: new Set(known ? after.exactNamespaces.filter((name) => !known.has(name)) : []),
    ...(leftOut === 0 ? search.unmatched() : NOTHING_UNMATCHED),
    softened,
    conflict,
    leftOut,
  };
}

const NOTHING_UNMATCHED = { unmatched: new Set<string>(), selectorMatchesNone: false };

/** Looks for a namespace that each pattern matches; where the namespaces are not known there is nothing to look for. */
function searchPatterns({ spec }: CompiledAllowlist, known: ReadonlyMap<string, Labels> | undefined) {
  const { namespaces = [], namespaceSelector } = spec;
  const globs = new Map(
    known ? namespaces.filter(isGlob).map((glob) => [glob, compileGlob(glob)] as const) : [],
  );
  const matchesLabels = known && namespaceSelector && compileLabelSelector(namespaceSelector);
  let selectorMatchesNone = matchesLabels !== undefined;
  return {
    look: (namespace: string, labels: Labels) => {
      for (const [glob, matches] of globs) {
        if (matches(namespace)) {
          globs.delete(glob);
        }
      }
      selectorMatchesNone &&= !matchesLabels?.(labels);
    },
    unmatched: () => ({ unmatched: new Set(globs.keys()), selectorMatchesNone }),
  };
}

function actionIn({ select, settings }: Policy, namespace: string, labels: Labels): ViolationAction {
  return select(namespace, labels).action ?? settings.unlistedNamespaces;
}

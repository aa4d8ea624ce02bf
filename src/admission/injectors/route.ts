import { isNamespacePattern } from '../../policy/names.ts';
import type { ActiveEnforcementAction } from '../decision.ts';
import type { AdmissionDeps, Route } from '../route.ts';
import { decideInjector, type InjectorFacts } from './decide.ts';
import { type InjectorEntry, parseInjectorEdit } from './read.ts';
import { namesIn } from './scope.ts';

/** How injectors are checked. */
export type InjectorSettings = Readonly<{
  action: ActiveEnforcementAction;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
}>;

const MAX_AWAITED_NAMESPACES = 16;

/** Decides edits of the injectors that set the annotation on pods out of sight of admission. */
export function createInjectorsRoute({
  action,
  excludedNamespaces,
}: InjectorSettings): Route<readonly InjectorEntry[], InjectorFacts> {
  return {
    parse: parseInjectorEdit,
    gather: (entries, deps) => {
      const gatherFacts = () => ({
        ...{ action, excludedNamespaces },
        policy: deps.getPolicy(),
        namespaces: deps.getNamespaces(),
        now: deps.now(),
      });
      const unknown = findUnknownNamespaces(entries, deps).slice(0, MAX_AWAITED_NAMESPACES);
      return unknown.length === 0
        ? gatherFacts()
        : Promise.all(unknown.map(deps.getNamespaceLabels)).then(gatherFacts);
    },
    decide: decideInjector,
  };
}

/** Namespaces that new entries name and that may just have been created. */
function findUnknownNamespaces(
  entries: readonly InjectorEntry[],
  { getNamespaces }: AdmissionDeps,
): readonly string[] {
  const namespaces = getNamespaces();
  const names = entries.flatMap(({ isUnchanged, injection }) =>
    isUnchanged || !injection.ok ? [] : (namesIn(injection.value.namespaceSelector ?? {}) ?? []),
  );
  return [...new Set(names)].filter((name) => isNamespacePattern(name) && namespaces?.has(name) === false);
}

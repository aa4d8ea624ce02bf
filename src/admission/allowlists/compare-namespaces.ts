import { type CompiledAllowlist, rankOf } from '../../policy/allowlist.ts';
import { type Conflict, findConflictsIn } from '../../policy/conflicts.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { isSofter, type ViolationAction } from '../../policy/violation-action.ts';
import { overlayAllowlist } from './overlay-allowlist.ts';

/** A list before and after it changes; undefined before it is there. */
export type CompiledChange = Readonly<{
  before: CompiledAllowlist | undefined;
  after: CompiledAllowlist;
}>;

/** A namespace whose violations are met with a softer action than before. */
export type SoftenedNamespace = Readonly<{
  /** Its name, or a glob that matches none yet and stands for all that it may. */
  namespace: string;
  from: ViolationAction;
  to: ViolationAction;
  /** Whether the list selects it after the change. */
  isSelected: boolean;
}>;

/** Namespaces in which part of what a list says has no effect. */
export type UngovernedNamespaces = Readonly<{
  /** Namespaces whose pods may name any role. */
  excluded: readonly string[];
  /** Namespaces whose pods get no default. */
  unmutated: readonly string[];
}>;

/** What a change of a list means in the namespaces that were looked at. */
export type NamespaceComparison = Readonly<{
  look: (namespace: string, labels: Labels) => void;
  softened: readonly SoftenedNamespace[];
  /** What contradicts the list's default, in the first namespace where something does. */
  conflict: () => Conflict | undefined;
}>;

/** Compares what holds in namespaces before and after a change. */
export function compareNamespaces(
  policy: Policy,
  { before, after }: CompiledChange,
  { excluded, unmutated }: UngovernedNamespaces,
  now: number,
): NamespaceComparison {
  const free = new Set(excluded);
  const withoutDefault = new Set([...excluded, ...unmutated]);
  const policies = {
    before: overlayAllowlist(policy, after.name, before),
    after: overlayAllowlist(policy, after.name, after),
  };
  const softened: SoftenedNamespace[] = [];
  let conflict: Conflict | undefined;
  return {
    look: (namespace, labels) => {
      const isSelected = rankOf(after, namespace, labels) !== undefined;
      const isConcerned =
        isSelected || (before !== undefined && rankOf(before, namespace, labels) !== undefined);
      if (isConcerned && !free.has(namespace)) {
        const from = actionIn(policies.before, namespace, labels);
        const to = actionIn(policies.after, namespace, labels);
        if (isSofter(to, from)) {
          softened.push({ namespace, from, to, isSelected });
        }
      }
      if (isSelected && after.defaultRole !== undefined && !withoutDefault.has(namespace)) {
        conflict ??= findConflictsIn(policies.after, namespace, labels, now).get(after.name);
      }
    },
    softened,
    conflict: () => conflict,
  };
}

function actionIn({ select, settings }: Policy, namespace: string, labels: Labels): ViolationAction {
  return select(namespace, labels).action ?? settings.unlistedNamespaces;
}

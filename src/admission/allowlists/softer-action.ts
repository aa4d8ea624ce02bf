import {
  type CompiledAllowlist,
  compileAllowlist,
  exactNamespacesOf,
  rankOf,
} from '../../policy/allowlist.ts';
import { type Labels, labelsOfNew } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { isSofter, strictest, type ViolationAction } from '../../policy/violation-action.ts';

/** A namespace whose violations get a softer action because of a change. */
export type SoftenedNamespace = Readonly<{
  namespace: string;
  from: ViolationAction;
  to: ViolationAction;
  /** Whether the allowlist selects it after the change. */
  isSelected: boolean;
}>;

/** What the actions in a namespace depend on. */
export type ActionFacts = Readonly<{
  policy: Policy;
  /** The labels of the namespaces of the cluster; undefined if the namespaces are not known. */
  namespaces: ReadonlyMap<string, Labels> | undefined;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
}>;

/**
 * Finds the namespaces, by name, that an allowlist names exactly before or after its change, and whose action then
 * becomes softer than the one in force. Of a namespace that is not known, only the name counts.
 */
export function findSoftenedNamespaces(
  allowlist: Allowlist,
  namespacesBefore: readonly string[],
  { policy, namespaces, excludedNamespaces }: ActionFacts,
): readonly SoftenedNamespace[] {
  const after = compileAllowlist(allowlist, policy.isProtectedRole);
  const named = new Set([...exactNamespacesOf(after), ...namespacesBefore]).difference(
    new Set(excludedNamespaces),
  );
  let compared = 0;
  return [...named].sort().flatMap((namespace) => {
    const labels = namespaces?.get(namespace) ?? labelsOfNew(namespace);
    const isSelected = rankOf(after, namespace, labels) !== undefined;
    if (isSelected && after.spec.violationAction === 'Deny') {
      // Nothing becomes softer than the strictest action, which most allowlists have: save the lookup.
      return [];
    }
    if (compared > MAX_COMPARED) {
      return [];
    }
    compared += policy.select(namespace, labels).ranked.length;
    const from = policy.select(namespace, labels).action ?? policy.settings.unlistedNamespaces;
    const to = actionWith(isSelected ? after : undefined, after.name, policy, namespace, labels);
    return isSofter(to, from) ? [{ namespace, from, to, isSelected }] : [];
  });
}

/** Tens of thousands of allowlists may select each of the namespaces, and this is only a warning. */
const MAX_COMPARED = 20_000;

/** The action in a namespace if an allowlist replaces the one of this name, or removes it. */
function actionWith(
  replacement: CompiledAllowlist | undefined,
  name: string,
  { select, settings }: Policy,
  namespace: string,
  labels: Labels,
): ViolationAction {
  const others = select(namespace, labels).ranked.flatMap(({ allowlist }) =>
    allowlist.name === name ? [] : [allowlist],
  );
  const [first, ...rest] = [...(replacement ? [replacement] : []), ...others].map(
    ({ spec }) => spec.violationAction,
  );
  return first === undefined ? settings.unlistedNamespaces : strictest(first, rest);
}

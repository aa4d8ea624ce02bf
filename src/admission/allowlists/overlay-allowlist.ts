import { type CompiledAllowlist, rankOf } from '../../policy/allowlist.ts';
import { toSelection } from '../../policy/namespace-index.ts';
import type { Policy } from '../../policy/policy.ts';

/**
 * The policy as it would be with another list of this name, or without any. Nothing is compiled anew, so that the cost
 * does not grow with the lists there are.
 */
export function overlayAllowlist(
  policy: Policy,
  name: string,
  allowlist: CompiledAllowlist | undefined,
): Policy {
  return {
    ...policy,
    select: (namespace, labels) => {
      const others = policy
        .select(namespace, labels)
        .ranked.filter((selecting) => selecting.allowlist.name !== name);
      const rank = allowlist && rankOf(allowlist, namespace, labels);
      return toSelection(
        allowlist === undefined || rank === undefined ? others : [...others, { allowlist, rank }],
      );
    },
  };
}

import { type CompiledAllowlist, compileAllowlist } from './allowlist.ts';
import { compileProtectedRoles } from './names.ts';
import { createNamespaceIndex, type SelectAllowlists } from './namespace-index.ts';
import type { Allowlist } from './schema/allowlist.ts';
import type { ViolationAction } from './violation-action.ts';

/** The settings of the whole cluster, which no allowlist overrides. */
export type PolicySettings = Readonly<{
  /** The action on a violation in a namespace that no allowlist selects. */
  unlistedNamespaces: ViolationAction;
  /** Globs of role names that no allowlist can allow. */
  protectedRoles: readonly string[];
  /** `all-pods` treats every pod as an ECI pod, for serverless clusters. */
  eciDetection: 'markers' | 'all-pods';
}>;

/** Allowlists and settings: everything that a decision needs except the pod and the time. */
export type Policy = Readonly<{
  settings: PolicySettings;
  /** By name. */
  allowlists: ReadonlyMap<string, CompiledAllowlist>;
  isProtectedRole: (role: string) => boolean;
  select: SelectAllowlists;
  /** Whether an allowlist injects its default role into pods without an ECI marker. */
  injectsIntoAllPods: () => boolean;
  /** Whether an allowlist names this namespace exactly. */
  isNamed: (namespace: string) => boolean;
}>;

/** The allowlists that are created or changed, and the names of those that are deleted. */
export type AllowlistChanges = Readonly<{ changed: readonly Allowlist[]; removed: readonly string[] }>;

/** The policy in force, and its only writer. */
export type LivePolicy = Readonly<{
  policy: Policy;
  /** Puts changes in force together, at the cost of the allowlists that change. */
  apply: (changes: AllowlistChanges) => void;
}>;

/** Creates a policy without allowlists. No decision depends on the order of changes. */
export function createPolicy(settings: PolicySettings): LivePolicy {
  const isProtectedRole = compileProtectedRoles(settings.protectedRoles);
  const allowlists = new Map<string, CompiledAllowlist>();
  const { select, isNamed, replace } = createNamespaceIndex();
  const injectingIntoAllPods = new Set<string>();
  return {
    policy: {
      ...{ settings, allowlists, isProtectedRole, select, isNamed },
      injectsIntoAllPods: () => injectingIntoAllPods.size > 0,
    },
    apply: ({ changed, removed }) => {
      for (const name of removed) {
        const known = allowlists.get(name);
        if (known !== undefined) {
          replace(known, undefined);
          allowlists.delete(name);
          injectingIntoAllPods.delete(name);
        }
      }
      for (const allowlist of changed) {
        const compiled = compileAllowlist(allowlist, isProtectedRole);
        replace(allowlists.get(allowlist.name), compiled);
        allowlists.set(allowlist.name, compiled);
        if (compiled.spec.injectInto === 'AllPods') {
          injectingIntoAllPods.add(allowlist.name);
        } else {
          injectingIntoAllPods.delete(allowlist.name);
        }
      }
    },
  };
}

/** Compiles allowlists and settings. No decision depends on the order of the allowlists. */
export function compilePolicy(allowlists: readonly Allowlist[], settings: PolicySettings): Policy {
  const { policy, apply } = createPolicy(settings);
  apply({ changed: allowlists, removed: [] });
  return policy;
}

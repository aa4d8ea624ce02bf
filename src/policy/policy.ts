import { type CompiledAllowlist, compileAllowlist } from './allowlist.ts';
import { compileNamespaceIndex, type SelectAllowlists } from './namespace-index.ts';
import { compileProtectedRoles } from './protected-roles.ts';
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

/** Compiled allowlists and settings: everything that a decision needs except the pod and the time. */
export type Policy = Readonly<{
  settings: PolicySettings;
  allowlists: readonly CompiledAllowlist[];
  isProtectedRole: (role: string) => boolean;
  select: SelectAllowlists;
}>;

/** Compiles allowlists and settings. No decision depends on the order of the allowlists. */
export function compilePolicy(allowlists: readonly Allowlist[], settings: PolicySettings): Policy {
  const isProtectedRole = compileProtectedRoles(settings.protectedRoles);
  const compiled = allowlists.map((allowlist) => compileAllowlist(allowlist, isProtectedRole));
  return { settings, allowlists: compiled, isProtectedRole, select: compileNamespaceIndex(compiled) };
}

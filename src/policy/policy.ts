import { type CompiledAllowlist, compileAllowlist } from './allowlist.ts';
import { compileGlobs } from './glob.ts';
import { compileNamespaceIndex, type SelectAllowlists } from './namespace-index.ts';
import type { Allowlist } from './schema/allowlist.ts';
import type { ViolationAction } from './violation-action.ts';

/** What holds for the whole cluster, whatever the allowlists say. */
export type PolicySettings = Readonly<{
  /** The action on a violation in a namespace that no list selects. */
  unlistedNamespaces: ViolationAction;
  /** Globs of role names that no allowlist can open. */
  protectedRoles: readonly string[];
  /** `all-pods` takes every pod as an ECI pod, for serverless clusters. */
  eciDetection: 'markers' | 'all-pods';
}>;

/** Compiled allowlists and settings: all that a decision needs beside the pod and the time. */
export type Policy = Readonly<{
  settings: PolicySettings;
  allowlists: readonly CompiledAllowlist[];
  isProtectedRole: (role: string) => boolean;
  select: SelectAllowlists;
}>;

/** Compiles allowlists and settings. The order of the lists makes no difference to any answer. */
export function compilePolicy(allowlists: readonly Allowlist[], settings: PolicySettings): Policy {
  const isProtectedRole = compileProtectedRoles(settings.protectedRoles);
  const compiled = allowlists.map((allowlist) => compileAllowlist(allowlist, isProtectedRole));
  return { settings, allowlists: compiled, isProtectedRole, select: compileNamespaceIndex(compiled) };
}

const IGNORED = /[\s\p{Cc}\p{Cf}]/gu;

/**
 * Compiles the globs of the roles that no allowlist can open. The comparison ignores case, since RAM probably
 * does, and whitespace, control and format characters in the value, which something between us and RAM may drop.
 */
export function compileProtectedRoles(patterns: readonly string[]): (role: string) => boolean {
  const matches = compileGlobs(patterns.map(foldCase));
  return (role) => matches(foldCase(role.replace(IGNORED, '')));
}

/** Upper and then lower case, so that letters with several lower-case forms (such as ſ and s) compare equal. */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

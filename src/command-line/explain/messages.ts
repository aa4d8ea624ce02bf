import type { CompiledAllowlist } from '../../policy/allowlist.ts';
import { quoted } from '../../text/printable.ts';
import { describeAccounts, describeNamespaces, type SelectedBy } from './selection.ts';

// The sentences of `explain`. Each step has the fact, and the change that would make the pod pass, if there is one.

/** The step of a rule: whether the pod passes, the fact, and the change that would make it pass. */
export type Step = Readonly<{ rule: string; result: 'pass' | 'fail' | 'info'; text: string; fix?: string }>;

/** The command line explains the role of a pod that a person wrote, so that it is short. */
export function protectedStep(role: string, isProtected: boolean): Step {
  return isProtected
    ? {
        rule: 'protected',
        result: 'fail',
        text: `${quoted(role)} matches a protected role (--protected-roles)`,
        fix: 'name another role; no allowlist can allow this one',
      }
    : { rule: 'protected', result: 'pass', text: `${quoted(role)} matches no protected role` };
}

export function nameStep(role: string, isName: boolean, hint: string | undefined): Step {
  return isName
    ? { rule: 'name', result: 'pass', text: `${quoted(role)} can be the name of a RAM role` }
    : {
        rule: 'name',
        result: 'fail',
        text: `${quoted(role)} is not a RAM role name`,
        ...(hint !== undefined && { fix: hint }),
      };
}

/** How an allowlist stands to the role that a pod names. */
export type AllowlistFacts = Readonly<{
  allowlist: CompiledAllowlist;
  selectedBy: SelectedBy;
  /** The entry of roles that matches; undefined if none does. */
  entry: string | undefined;
  isCovered: boolean;
  hasExpired: boolean;
}>;

export function allowlistStep(role: string, serviceAccount: string, facts: AllowlistFacts): Step {
  const { allowlist, selectedBy, entry, isCovered, hasExpired } = facts;
  const rule = `allowlist ${allowlist.name}`;
  const selects = `selects the namespace by ${selectedBy.how} ${selectedBy.entry}`;
  if (entry === undefined) {
    const roles = allowlist.roles.join(', ') || 'none';
    const fix = `name one of its roles, or add ${quoted(role)} to its spec.roles`;
    const text = `${selects}; no entry of its roles matches (${roles})`;
    return { rule, result: 'fail', text, ...(isCovered && !hasExpired && { fix }) };
  }
  const matches = `its entry ${quoted(entry)} matches`;
  if (!isCovered) {
    const text = `${selects}; ${matches}; it covers ${describeAccounts(allowlist)}, not ${quoted(serviceAccount)}`;
    return {
      rule,
      result: 'fail',
      text,
      fix: `run the pod as one of its ServiceAccounts, or add ${quoted(serviceAccount)} to them`,
    };
  }
  if (hasExpired) {
    const text = `${selects}; ${matches}; it expired at ${allowlist.spec.expiresAt}`;
    return { rule, result: 'fail', text, fix: 'ask its owner for a later expiresAt' };
  }
  return { rule, result: 'pass', text: `${selects}; ${matches}; it covers ${describeAccounts(allowlist)}` };
}

/** The step of allowlists that allow the role in other namespaces. */
export function elsewhereStep(namespace: string, allowlist: CompiledAllowlist): Step {
  return {
    rule: `allowlist ${allowlist.name}`,
    result: 'info',
    text: `allows the role, but selects other namespaces (${describeNamespaces(allowlist)})`,
    fix: `create the pod there, or let the allowlist select ${quoted(namespace)}`,
  };
}

export function noAllowlistStep(namespace: string): Step {
  return {
    rule: 'allowlists',
    result: 'fail',
    text: `no allowlist selects namespace ${quoted(namespace)}`,
    fix: 'apply an allowlist for this namespace',
  };
}

export function actionStep(action: string, names: readonly string[]): Step {
  const setBy =
    names.length === 0 ? '--unlisted-namespaces' : `the strictest of allowlists ${names.join(', ')}`;
  return { rule: 'action', result: 'info', text: `${action}: ${setBy}` };
}

/** Why an allowlist gives its default role to a pod, or does not. */
export type DefaultFacts = Readonly<{
  allowlist: CompiledAllowlist;
  isTarget: boolean;
  isMirrorPod: boolean;
  isCovered: boolean;
  hasExpired: boolean;
}>;

export function defaultStep(serviceAccount: string, facts: DefaultFacts): Step {
  const { allowlist, isTarget, isMirrorPod, isCovered, hasExpired } = facts;
  const rule = `allowlist ${allowlist.name}`;
  const fails = (text: string, fix: string): Step => ({ rule, result: 'fail', text, fix });
  if (allowlist.defaultRole === undefined) {
    return { rule, result: 'info', text: 'has no default role' };
  }
  if (isMirrorPod) {
    return fails('has a default role, but a mirror pod gets none', 'create the pod by the API server');
  }
  if (!isTarget) {
    const fix = 'add the label alibabacloud.com/eci: "true", or set injectInto: AllPods';
    return fails('has a default role for ECI pods; this pod has no marker of one', fix);
  }
  if (hasExpired) {
    return fails(
      `has a default role, but expired at ${allowlist.spec.expiresAt}`,
      'ask its owner for a later expiresAt',
    );
  }
  if (!isCovered) {
    const text = `has a default role for ${describeAccounts(allowlist)}, not ${quoted(serviceAccount)}`;
    return fails(text, 'run the pod as one of its ServiceAccounts');
  }
  return { rule, result: 'pass', text: `its default role is ${quoted(allowlist.defaultRole)}` };
}

import * as z from 'zod';
import { hasExpired } from '../../policy/allowlist.ts';
import { findConflicts } from '../../policy/conflicts.ts';
import type { RankedAllowlist } from '../../policy/selection.ts';
import { runToEnd } from '../../sources/time-slice.ts';
import { type Output, printTable } from '../output.ts';
import type { PolicyView } from '../policy-view.ts';
import { describeAccounts, findSelectedBy } from './selection.ts';

/** What is in force in a namespace. */
export const NAMESPACE_RESULT = z.object({
  name: z.string(),
  isKnown: z.boolean().meta({ description: 'Whether its labels are known (--namespaces).' }),
  labels: z.record(z.string(), z.string()),
  isValidated: z.boolean().meta({ description: 'Whether the API server sends its pods to /validate-pods.' }),
  isMutated: z.boolean().meta({ description: 'Whether the API server sends its pods to /mutate-pods.' }),
  action: z.enum(['Deny', 'Strip', 'Warn', 'Audit']).meta({ description: 'The action on a violation.' }),
  actionOf: z
    .array(z.string())
    .meta({ description: 'The allowlists that set it; none if --unlisted-namespaces does.' }),
  allowlists: z.array(
    z.object({
      name: z.string(),
      selectedBy: z.enum(['name', 'pattern', 'labels']),
      entry: z.string(),
      roles: z.array(z.string()).meta({ description: 'Without those that only match protected roles.' }),
      serviceAccounts: z.array(z.string()),
      action: z.string(),
      contact: z.string().optional(),
      expiresAt: z.string().optional(),
      hasExpired: z.boolean(),
    }),
  ),
  defaults: z
    .array(
      z.object({
        role: z.string(),
        allowlist: z.string(),
        serviceAccounts: z.array(z.string()),
        pods: z.string(),
      }),
    )
    .meta({
      description: 'The first whose ServiceAccounts and pods match a pod without a role is injected.',
    }),
  conflicts: z.array(z.string()),
});

type NamespaceResult = z.input<typeof NAMESPACE_RESULT>;

/** Explains a namespace: the allowlists that select it, the most specific first, and what follows from them. */
export function explainNamespace(name: string, view: PolicyView): NamespaceResult {
  const { policy, options, namespaces, labelsOf, now } = view;
  const labels = labelsOf(name);
  const { ranked, action = policy.settings.unlistedNamespaces } = policy.select(name, labels);
  const conflicts = runToEnd(findConflicts(policy, new Map([[name, labels]]), now));
  return {
    name,
    isKnown: namespaces.has(name),
    labels: Object.fromEntries(labels),
    isValidated: !options.excludedNamespaces.includes(name),
    isMutated: !options.unmutatedNamespaces.includes(name),
    action,
    actionOf: ranked
      .filter(({ allowlist }) => allowlist.spec.violationAction === action)
      .map(({ allowlist }) => allowlist.name),
    allowlists: ranked.map((entry) => toEntry(entry, name, now)),
    defaults: ranked.flatMap(({ allowlist }) => {
      const { name, defaultRole, spec } = allowlist;
      const pods = policy.settings.eciDetection === 'all-pods' ? 'AllPods' : spec.injectInto;
      return defaultRole === undefined || hasExpired(allowlist, now)
        ? []
        : [
            {
              role: defaultRole,
              allowlist: name,
              serviceAccounts: [...(spec.serviceAccounts ?? ['*'])],
              pods,
            },
          ];
    }),
    conflicts: [...conflicts].map(
      ([allowlist, { other, role, otherRole }]) =>
        `${allowlist} and ${other} are equally specific and have different defaults: ${role}, ${otherRole}`,
    ),
  };
}

function toEntry(
  ranked: RankedAllowlist,
  namespace: string,
  now: number,
): NamespaceResult['allowlists'][number] {
  const { allowlist } = ranked;
  const { name, spec, roles } = allowlist;
  const { how, entry } = findSelectedBy(ranked, namespace);
  return {
    ...{ name, selectedBy: how, entry, action: spec.violationAction },
    roles: [...roles],
    serviceAccounts: [...(spec.serviceAccounts ?? ['*'])],
    ...(spec.contact !== undefined && { contact: spec.contact }),
    ...(spec.expiresAt !== undefined && { expiresAt: spec.expiresAt }),
    hasExpired: hasExpired(allowlist, now),
  };
}

/** Prints the explanation of a namespace. */
export function printNamespace(result: NamespaceResult, view: PolicyView, output: Output): void {
  const { print, style } = output;
  const { name, action, actionOf, allowlists, defaults } = result;
  print(style('bold', `Namespace ${name}`));
  if (!result.isValidated) {
    print('The API server does not send its pods to /validate-pods: they may name any role.');
  }
  if (!result.isMutated) {
    print('The API server does not send its pods to /mutate-pods: they get no default role.');
  }
  const setBy = actionOf.length === 0 ? '--unlisted-namespaces' : `allowlist ${actionOf.join(', ')}`;
  print(`A pod with a role that is not allowed: ${action} (${setBy})`);
  if (allowlists.length === 0) {
    print('No allowlist selects this namespace.');
    return;
  }
  print('');
  printTable(
    output,
    ['ALLOWLIST', 'SELECTS BY', 'RAM ROLES', 'SERVICEACCOUNTS', 'ACTION', 'UNTIL', 'CONTACT'],
    allowlists.map(({ selectedBy, entry, roles, serviceAccounts, expiresAt, ...allowlist }) => [
      allowlist.name,
      `${selectedBy} ${entry}`,
      roles.join(', ') || '-',
      serviceAccounts.join(', '),
      allowlist.action,
      `${expiresAt ?? '-'}${allowlist.hasExpired ? ' (expired)' : ''}`,
      allowlist.contact ?? '-',
    ]),
  );
  print('');
  print(
    defaults.length === 0 ? 'Pods without a role get none.' : 'Default role, the first that matches the pod:',
  );
  for (const [index, { role, allowlist }] of defaults.entries()) {
    print(`  ${index + 1}. ${role}: ${describeDefault(allowlist, view, result)}`);
  }
  for (const conflict of result.conflicts) {
    print(style('yellow', `conflict: ${conflict}`));
  }
}

/** Why a default has its place in the order. */
function describeDefault(
  name: string,
  { policy }: PolicyView,
  { allowlists, defaults }: NamespaceResult,
): string {
  const allowlist = policy.allowlists.get(name);
  const { selectedBy, entry } = allowlists.find((entry) => entry.name === name) ?? {};
  const pods =
    defaults.find((entry) => entry.allowlist === name)?.pods === 'AllPods' ? 'all pods' : 'ECI pods';
  const accounts = allowlist === undefined ? '' : describeAccounts(allowlist);
  return `allowlist ${name}, which selects by ${selectedBy} ${entry}, for ${pods} of ${accounts}`;
}

import * as z from 'zod';
import { allowsRole, type CompiledAllowlist, hasExpired, rankOf } from '../policy/allowlist.ts';
import { matchesGlob } from '../policy/glob.ts';
import { isRoleName, roleNameOfArn } from '../policy/names.ts';
import { isStrict } from '../policy/violation-action.ts';
import { quoted } from '../text/printable.ts';
import { UsableError } from '../text/problem.ts';
import { connect } from './cluster/connect.ts';
import { findPodsWithRole } from './cluster/read.ts';
import { defineCommand, ExitCode } from './command.ts';
import { CLUSTER, orCluster, outputOption, POLICY_OPTIONS } from './options.ts';
import { describeSelector, type Output, printJson, printNotes, printTable } from './output.ts';
import { type PolicyView, readPolicyView } from './policy-view.ts';

const grant = z.object({
  allowlist: z.string(),
  entry: z.string().meta({ description: 'The entry of roles that matches.' }),
  namespaces: z
    .array(z.string())
    .meta({ description: 'As the allowlist names them; empty with a selector.' }),
  namespaceSelector: z
    .string()
    .meta({ description: 'The selector of labels as a text; empty if there is none.' }),
  knownNamespaces: z
    .array(z.string())
    .meta({ description: 'The known namespaces that the allowlist selects (--namespaces).' }),
  serviceAccounts: z
    .array(z.string())
    .meta({ description: 'As the allowlist names them; * if it names none.' }),
  isDefault: z.boolean().meta({ description: 'Whether pods without a role can get this one.' }),
  expiresAt: z.string().optional(),
  hasExpired: z.boolean(),
});

/** The output of `who-can --output json`. */
const WHO_CAN_RESULT = z
  .object({
    command: z.literal('who-can'),
    role: z.string(),
    protectedBy: z.string().optional().meta({ description: 'The pattern of protected roles that matches.' }),
    grants: z.array(grant).meta({ description: 'The allowlists that allow the role.' }),
    notDenied: z
      .array(z.object({ namespaces: z.string(), reason: z.string() }))
      .meta({ description: 'Namespaces whose pods may name any role that is not protected.' }),
    pods: z
      .array(z.object({ namespace: z.string(), name: z.string(), serviceAccount: z.string() }))
      .optional()
      .meta({ description: 'The pods of the cluster that name the role.' }),
    notes: z.array(z.string()).meta({ description: 'Facts of the cluster that could not be read.' }),
  })
  .meta({ title: 'Output of eci-ram-role who-can --output json' });

type WhoCan = z.input<typeof WHO_CAN_RESULT>;

/** Finds the namespaces and ServiceAccounts that may use a role. */
export const whoCanCommand = defineCommand({
  name: 'who-can',
  summary: 'which namespaces and ServiceAccounts may use this RAM role, and through which allowlist?',
  description:
    'Finds every allowlist that allows a role, with its namespaces and ServiceAccounts, and the namespaces where a role that is not allowed is not denied.',
  arguments: [{ name: 'ROLE', description: 'the name of a RAM role' }],
  options: z.object({ ...POLICY_OPTIONS, output: outputOption() }),
  examples: [
    {
      purpose:
        'Find who may use a role, by files; without --allowlists, by the cluster, with the pods that use it',
      command: 'who-can payments-reader --allowlists examples/developers/allowlists.yaml',
    },
  ],
  result: WHO_CAN_RESULT,
  run: async (options, [role = ''], { output, now }) => {
    checkRole(role);
    const allowlists = orCluster(options.allowlists);
    const view = await readPolicyView({ ...options, allowlists }, now);
    const running = allowlists.includes(CLUSTER)
      ? await findPodsWithRole(await connect(options), role)
      : undefined;
    const notes = [...view.notes, ...(running?.ok === false ? [running.problem] : [])];
    const pods = running?.ok ? { pods: running.value.map((pod) => ({ ...pod })) } : {};
    const result: WhoCan = { ...findWhoCan(role, view), ...pods, notes };
    if (options.output === 'json') {
      printJson(output, result);
    } else {
      print(result, output);
    }
    return ExitCode.clean;
  },
});

function checkRole(role: string): void {
  const inArn = roleNameOfArn(role);
  if (!isRoleName(role)) {
    const fix = inArn === undefined ? '' : `; use the role name ${quoted(inArn)}`;
    throw new UsableError(`ROLE: expected the name of a RAM role, found ${quoted(role)}${fix}`);
  }
}

function findWhoCan(role: string, view: PolicyView): Omit<WhoCan, 'notes'> {
  const { policy, options } = view;
  const allowlists = [...policy.allowlists.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const isProtected = policy.isProtectedRole(role);
  const protectedBy = isProtected ? { protectedBy: options.protectedRoles.join(', ') } : {};
  const grants = isProtected ? [] : allowlists.filter((allowlist) => allowsRole(allowlist, role));
  return {
    command: 'who-can',
    role,
    ...protectedBy,
    grants: grants.map((allowlist) => toGrant(role, allowlist, view)),
    notDenied: [
      ...options.excludedNamespaces.map((namespaces) => ({ namespaces, reason: 'excluded from validation' })),
      ...(isProtected ? [] : findSoftNamespaces(allowlists, view)),
    ],
  };
}

function toGrant(
  role: string,
  allowlist: CompiledAllowlist,
  { namespaces, now }: PolicyView,
): WhoCan['grants'][number] {
  const { name, spec, roles, defaultRole } = allowlist;
  return {
    allowlist: name,
    entry: roles.find((entry) => matchesGlob(entry, role)) ?? '',
    namespaces: [...(spec.namespaces ?? [])],
    namespaceSelector: describeSelector(spec.namespaceSelector),
    knownNamespaces: [...namespaces]
      .filter(([namespace, labels]) => rankOf(allowlist, namespace, labels) !== undefined)
      .map(([namespace]) => namespace)
      .sort(),
    serviceAccounts: [...(spec.serviceAccounts ?? ['*'])],
    isDefault: defaultRole === role,
    ...(spec.expiresAt !== undefined && { expiresAt: spec.expiresAt }),
    hasExpired: hasExpired(allowlist, now),
  };
}

/** Known namespaces by their action in force; of others only what one allowlist alone would do. */
function findSoftNamespaces(allowlists: readonly CompiledAllowlist[], view: PolicyView): WhoCan['notDenied'] {
  const { policy, namespaces } = view;
  const unlisted = policy.settings.unlistedNamespaces;
  const known = [...namespaces].flatMap(([name, labels]) => {
    const action = policy.select(name, labels).action ?? unlisted;
    return !isStrict(action) ? [{ namespaces: name, reason: `its action is ${action}` }] : [];
  });
  const ofAllowlists = allowlists
    .filter(({ spec }) => namespaces.size === 0 && !isStrict(spec.violationAction))
    .map(({ name, spec }) => ({
      namespaces: (spec.namespaces ?? []).join(', ') || describeSelector(spec.namespaceSelector),
      reason: `violationAction ${spec.violationAction} of allowlist ${name}, if no other allowlist there is stricter`,
    }));
  const rest = !isStrict(unlisted)
    ? [{ namespaces: 'those without an allowlist', reason: `--unlisted-namespaces ${unlisted}` }]
    : [];
  return [...known, ...ofAllowlists, ...rest];
}

function print({ role, protectedBy, grants, notDenied, pods, notes }: WhoCan, output: Output): void {
  if (protectedBy !== undefined) {
    output.print(`${quoted(role)} is a protected role (${protectedBy}): no allowlist can allow it`);
  } else if (grants.length === 0) {
    output.print(`no allowlist allows ${quoted(role)}`);
  }
  printTable(
    output,
    ['NAMESPACES', 'SERVICEACCOUNTS', 'ALLOWLIST', 'BY', 'KNOWN NAMESPACES', 'UNTIL'],
    grants.map(({ namespaces, namespaceSelector, serviceAccounts, allowlist, entry, ...grant }) => [
      namespaces.join(', ') || namespaceSelector,
      serviceAccounts.join(', '),
      allowlist,
      grant.isDefault ? `${entry} (default)` : entry,
      grant.knownNamespaces.join(', ') || '-',
      `${grant.expiresAt ?? '-'}${grant.hasExpired ? ' (expired)' : ''}`,
    ]),
  );
  for (const { namespaces, reason } of notDenied) {
    output.print(`not denied in ${namespaces}: ${reason}`);
  }
  for (const { namespace, name, serviceAccount } of pods ?? []) {
    output.print(`used by pod ${namespace}/${name} (ServiceAccount ${serviceAccount})`);
  }
  printNotes(output, notes);
}

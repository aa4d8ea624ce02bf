import { MAX_EXAMINED_CHARACTERS } from '../policy/names.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { failure, type Result, success } from '../text/problem.ts';
import { buildAllowlistEntry, unsupportedFields } from './allowlist-entry.ts';
import { buildProtectedExpression, needsRegularExpression } from './cel.ts';
import type { ExportSettings } from './policy-variables.ts';

// The API server lets a policy spend 10,000,000 units of CEL on a pod, and evaluates all allowlists twice: for the decision
// and for the message. At worst a regular expression costs 5,000 units (a pattern of 253 characters against as many), so
// that 600 cost 3,000,000. An allowlist costs 150, so that 1,000 cost 150,000, and 1,000 of them were measured in a cluster.
// Names, prefixes and labels cost at most 1.2 units for each byte that is left of the policy, 1,200,000. Together these are
// 4,350,000, twice 8,700,000. The largest allowlist that the schema accepts has 576 patterns.
const MAX_ALLOWLISTS = 1_000;
const MAX_REGULAR_EXPRESSIONS = 600;

/** The API server accepts an expression of 100,000 characters; the rest is for the text around an allowlist. */
const MAX_ENTRY_CHARACTERS = 99_000;

/** One expression may cost 1,000,000 units: 26 for each character of a pattern that is compared with the longest role. */
const MAX_PROTECTED_CHARACTERS = 38_000;

/** etcd stores objects of up to 1.5 MiB; the rest is for the fields that the API server adds. */
const MAX_POLICY_BYTES = 1_400_000;

const PROTECTED_ROLES = '--protected-roles';

/** Checks that the API server accepts the policies that allowlists become, and can evaluate them for any pod. */
export function checkLimits(
  allowlists: readonly Allowlist[],
  { protectedRoles }: ExportSettings,
  policies: readonly object[],
): Result<undefined, string> {
  if (allowlists.length > MAX_ALLOWLISTS) {
    return failure(
      `expected up to ${MAX_ALLOWLISTS} allowlists, found ${allowlists.length}; merge allowlists or use the webhook`,
    );
  }

  const patterns: readonly Measured[] = [
    ...allowlists.map(({ name, spec }) => ({ name, size: countRegularExpressions(Object.values(spec)) })),
    { name: PROTECTED_ROLES, size: countRegularExpressions([protectedRoles]) },
  ];
  const total = patterns.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_REGULAR_EXPRESSIONS) {
    return failure(
      `expected up to ${MAX_REGULAR_EXPRESSIONS} patterns with a * before their end, found ${total}, most of them in ${largest(patterns)}; use names, move the * to the end or use the webhook`,
    );
  }

  const entries = allowlists.map((allowlist) => ({
    name: allowlist.name,
    size: buildAllowlistEntry(allowlist).length,
  }));
  const tooLong = entries.find(({ size }) => size > MAX_ENTRY_CHARACTERS);
  if (tooLong !== undefined) {
    return failure(
      `allowlist ${tooLong.name}: expected up to ${MAX_ENTRY_CHARACTERS} characters of CEL, found ${tooLong.size}; split the allowlist`,
    );
  }
  const { length } = buildProtectedExpression('', protectedRoles);
  if (length > MAX_PROTECTED_CHARACTERS) {
    return failure(
      `${PROTECTED_ROLES}: expected up to ${MAX_PROTECTED_CHARACTERS} characters of CEL, found ${length}; use fewer patterns`,
    );
  }

  const bytes = Math.max(...policies.map((policy) => Buffer.byteLength(JSON.stringify(policy))));
  return bytes > MAX_POLICY_BYTES
    ? failure(
        `expected a policy of up to ${MAX_POLICY_BYTES} bytes, found ${bytes}, most of them for ${largest(entries)}; use globs instead of names or use the webhook`,
      )
    : success(undefined);
}

/** Counts in all lists of a spec, so that those of a new field count too. */
function countRegularExpressions(values: readonly unknown[]): number {
  return values
    .filter((value) => Array.isArray(value))
    .flat()
    .filter((item) => typeof item === 'string' && needsRegularExpression(item)).length;
}

type Measured = Readonly<{ name: string; size: number }>;

const MAX_NAMED = 3;

function largest(measured: readonly Measured[]): string {
  return measured
    .toSorted((a, b) => b.size - a.size)
    .slice(0, MAX_NAMED)
    .map(({ name, size }) => `${name} (${size})`)
    .join(', ');
}

/** The fields and settings that policies do not follow, with the reason and the names of the allowlists, a line each. */
export function listUnsupported(
  allowlists: readonly Allowlist[],
  { unlistedNamespaces }: ExportSettings,
): readonly string[] {
  const namesByReason = new Map<string, string[]>();
  for (const allowlist of allowlists) {
    for (const reason of unsupportedFields(allowlist)) {
      namesByReason.set(reason, [...(namesByReason.get(reason) ?? []), allowlist.name]);
    }
  }
  const actions = [unlistedNamespaces, ...allowlists.map(({ spec }) => spec.violationAction)];
  return [
    ...[...namesByReason].map(([reason, names]) => `${reason}: ${names.sort().join(', ')}`),
    ...(unlistedNamespaces === 'Strip'
      ? ['--unlisted-namespaces Strip becomes Deny, since a policy cannot remove an annotation']
      : []),
    ...(allowlists.length === 0
      ? ['there is no allowlist: --unlisted-namespaces applies to all namespaces']
      : []),
    ...(actions.includes('Warn') || actions.includes('Audit')
      ? [
          `a role of more than ${MAX_EXAMINED_CHARACTERS} characters is denied under Warn and Audit too, since a comparison with protected roles costs too much`,
        ]
      : []),
  ];
}

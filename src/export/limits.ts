import { MAX_NAMESPACE_LENGTH, MAX_ROLE_NAME_LENGTH } from '../policy/names.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { buildAllowlistEntry } from './allowlist-entry.ts';
import { estimateGlobsCost } from './cel-globs.ts';
import { buildProtectedExpression, MAX_EXAMINED_CHARACTERS } from './protected-roles-expression.ts';

/** The API server takes an expression of up to 100,000 characters; the rest is for what stands around an allowlist. */
const MAX_ENTRY_CHARACTERS = 99_000;

/** etcd takes 1.5 MiB as one object; the rest is for what the API server adds. */
const MAX_POLICY_BYTES = 1_400_000;

/**
 * The API server lets a policy spend 10,000,000 units on a pod, in which all lists are looked at twice: to refuse it, and to
 * say why. The rest is for what is done with them.
 */
const MAX_COST = 4_000_000;

/** What the entry of a list costs beside its patterns: to be made, and counted, searched and shown. */
const ENTRY_COST = 150;
const LABEL_COST = 70;

const PROTECTED_ROLES = '--protected-roles';

const MAX_ACCOUNT_LENGTH = 253;

/** Finds what would be refused by the API server, or by its policy whatever the pod; each with what can be done. */
export function findExcesses(
  allowlists: readonly Allowlist[],
  protectedRoles: readonly string[],
): readonly string[] {
  const tooLong = allowlists.flatMap((allowlist) => {
    const { length } = buildAllowlistEntry(allowlist);
    return length > MAX_ENTRY_CHARACTERS
      ? [
          `allowlist ${allowlist.name}: expected up to ${MAX_ENTRY_CHARACTERS} characters as one CEL expression, found ${length}; split it into several allowlists`,
        ]
      : [];
  });
  const { length } = buildProtectedExpression('', protectedRoles);
  const costs = rank([
    ...measureEach(allowlists, estimateCost),
    { name: PROTECTED_ROLES, size: estimateGlobsCost(MAX_EXAMINED_CHARACTERS, protectedRoles) },
  ]);
  return [
    ...tooLong,
    ...(length > MAX_ENTRY_CHARACTERS
      ? [
          `${PROTECTED_ROLES}: expected up to ${MAX_ENTRY_CHARACTERS} characters as one CEL expression, found ${length}; write fewer globs`,
        ]
      : []),
    ...(costs.total > MAX_COST
      ? [
          `expected allowlists that cost up to ${MAX_COST} units of CEL in one policy, found ${costs.total}, most of it for ${costs.largest}; write fewer globs whose * is not at their end, or use the webhook`,
        ]
      : []),
  ];
}

/** Tells that a policy is too large to be stored; undefined where it is not. */
export function describeExcessBytes(bytes: number, allowlists: readonly Allowlist[]): string | undefined {
  if (bytes <= MAX_POLICY_BYTES) {
    return undefined;
  }
  const { largest } = rank(measureEach(allowlists, (allowlist) => buildAllowlistEntry(allowlist).length));
  return `expected allowlists of up to ${MAX_POLICY_BYTES} bytes as one ValidatingAdmissionPolicy, found ${bytes}, most of it for ${largest}; write fewer or shorter ones, with globs in place of names, or use the webhook`;
}

function estimateCost({ spec }: Allowlist): number {
  const { namespaces = [], namespaceSelector = {}, serviceAccounts = [], roles } = spec;
  const { matchLabels = {}, matchExpressions = [] } = namespaceSelector;
  const labels = Object.keys(matchLabels).length + matchExpressions.length;
  return (
    ENTRY_COST +
    LABEL_COST * labels +
    estimateGlobsCost(MAX_NAMESPACE_LENGTH, namespaces) +
    estimateGlobsCost(MAX_ACCOUNT_LENGTH, serviceAccounts) +
    estimateGlobsCost(MAX_ROLE_NAME_LENGTH, roles)
  );
}

const MAX_NAMED = 3;

type Measured = Readonly<{ name: string; size: number }>;

function measureEach(
  allowlists: readonly Allowlist[],
  measure: (allowlist: Allowlist) => number,
): readonly Measured[] {
  return allowlists.map((allowlist) => ({ name: allowlist.name, size: measure(allowlist) }));
}

function rank(measured: readonly Measured[]): Readonly<{ total: number; largest: string }> {
  const largest = measured.toSorted((a, b) => b.size - a.size).slice(0, MAX_NAMED);
  return {
    total: measured.reduce((sum, { size }) => sum + size, 0),
    largest: largest.map(({ name, size }) => `${name} (${size})`).join(', '),
  };
}

import type { Violation } from '../../policy/evaluate.ts';
import { quoted } from '../../text/printable.ts';
import { formatProblem, type Problem } from '../../text/problem.ts';
import { causeOf, remedy, sentence, toInstant, toWarning, withFix } from '../messages.ts';
import type { Finding } from './finding.ts';
import type { RoleEntry } from './read.ts';
import type { NamespaceScope } from './scope.ts';

/** An injector does not ask for the ServiceAccount of a pod. */
const ANY_POD = { serviceAccount: undefined };

/** The message of a denial, by the first finding and how many more entries are denied. */
export function findingDenial(finding: Finding, more: number): string {
  if (finding.kind !== 'denied' && finding.kind !== 'tolerated') {
    return describe(finding, more);
  }
  const { scope, violation } = finding;
  const verdict = withFix(describe(finding, more), violation);
  return scope.kind === 'all'
    ? `${verdict}; remove it or name another role`
    : `${sentence(verdict)} ${remedy(ANY_POD, violation)}`;
}

/** The warning of a finding, and of how many more there are of its kind. */
export function findingWarning(finding: Finding, more: number): string {
  const text = describe(finding, more);
  return toWarning(
    finding.kind === 'denied' || finding.kind === 'tolerated' ? withFix(text, finding.violation) : text,
  );
}

/** The denial of an entry that cannot be read. */
export function unreadableDenial(problem: Problem, more: number): string {
  return `${formatProblem(problem)}${andMore(more, 'problem')}: the roles that it sets cannot be verified; fix or remove it`;
}

/** The warning of an entry that cannot be read. */
export function unreadableWarning(problem: Problem, more: number): string {
  return toWarning(unreadableDenial(problem, more));
}

function describe(finding: Finding, more: number): string {
  const { kind, entry } = finding;
  const role = quoted(entry.injection.role);
  const others = andMore(more, 'selector');
  switch (kind) {
    case 'denied':
    case 'tolerated': {
      const { scope, violation } = finding;
      const context = `${others}${asBefore(entry)}`;
      return violation.reason === 'invalid-name'
        ? `${sets(entry)}, which is not a RAM role name${context}`
        : `${sets(entry)}, which is not allowed in ${inWords(scope)}${context}: ${causeIn(scope, violation)}`;
    }
    case 'expiring':
      return `${sets(entry)}, which is allowed in ${inWords(finding.scope)} only until ${toInstant(finding.until)}${others}; the selector still sets it after that`;
    case 'unmatched':
      return `${entry.name} matches no namespace today${others}; a namespace that matches later gets RAM role ${role} even if it is not allowed there`;
    case 'unchecked':
      return `${sets(entry)} in more namespaces than can be checked${others}; select fewer, or by the label kubernetes.io/metadata.name`;
  }
}

function sets({ name, injection: { role } }: RoleEntry): string {
  return `${name} sets RAM role ${quoted(role)}`;
}

function asBefore({ isUnchanged }: RoleEntry): string {
  return isUnchanged ? ', as before this edit' : '';
}

function inWords(scope: NamespaceScope): string {
  switch (scope.kind) {
    case 'all':
      return 'any namespace';
    case 'unknown':
      return 'every namespace';
    case 'namespace':
      return `namespace ${quoted(scope.namespace)}${scope.isMissing ? ', which does not exist yet' : ''}`;
  }
}

function causeIn(scope: NamespaceScope, violation: Violation): string {
  const isUnlisted = violation.reason === 'no-allowlist' || violation.reason === 'not-allowed';
  return scope.kind === 'unknown' && isUnlisted
    ? 'allowlists in files know no namespaces, so an allowlist for namespace * must allow it'
    : causeOf(violation) || 'no allowlist allows it for every ServiceAccount';
}

function andMore(count: number, noun: string): string {
  return count === 0 ? '' : ` (and ${count} more ${noun}${count === 1 ? '' : 's'})`;
}

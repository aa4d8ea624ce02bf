import type { DefaultRole } from '../../policy/default-role.ts';
import type { Violation } from '../../policy/evaluate.ts';
import type { Subject } from '../../policy/subject.ts';
import { MAX_SHOWN_CHARACTERS, quoted } from '../../text/printable.ts';
import {
  causeOf,
  denialMessage,
  describeMisspelt,
  labelWarning,
  MAX_WARNING_CHARACTERS,
  misspeltWarning,
  shownKind,
  toWarning,
  verdictHead,
  violationWarning,
} from '../messages.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import type { EvaluatedReference } from './evaluate.ts';
import type { MisplacedAnnotation, RoleReference } from './find-references.ts';
import type { WorkloadChange } from './read.ts';

/** The API server passes on 4096 bytes of all warnings together. */
const MAX_WARNINGS = 10;

/** The length of the longest cause, without the names of allowlists. */
const MAX_CAUSE_CHARACTERS = 39;

/** How much of each name is shown: the first at which the outcome and the cause fit in. */
const NAME_WIDTHS = [MAX_SHOWN_CHARACTERS, 64, 48, 32];
const MIN_NAME_WIDTH = 20;

/** The workload that a message is about, and the path of the annotations if there may be more than one. */
export type MessageTarget = Readonly<{ kind: string; path?: string | undefined }>;

/** A built-in kind has one pod template, so that its path goes without saying. */
function targetOf({ kind }: WorkloadChange, { pod, path }: RoleReference): MessageTarget {
  return { kind, path: pod === undefined ? path : undefined };
}

/**
 * Lists the warnings for a workload, the most severe first; of several about the same role or key only the first. A
 * default role is that of `first`: only a built-in kind has one, and it has one pod template.
 */
export function listWarnings(
  change: WorkloadChange,
  reported: readonly EvaluatedReference<Violation>[],
  first: EvaluatedReference | undefined,
): readonly string[] {
  const { references, misplaced } = change.after;
  const defaultRole = first?.evaluation.verdict === 'no-role' ? first.evaluation.defaultRole : undefined;
  const misspelt = references.flatMap(({ misspeltKey, path }) =>
    misspeltKey === undefined ? [] : [{ misspeltKey, path }],
  );
  const labelled = references.flatMap(({ labelKey, path }) =>
    labelKey === undefined ? [] : [{ labelKey, path: path.replace(/annotations$/, 'labels') }],
  );
  const withRrsa = references.flatMap((reference) => {
    const { role, rrsa } = reference;
    return role === undefined || rrsa === undefined ? [] : [{ reference, role, rrsa }];
  });
  return [
    ...firstOfEach(reported, ({ evaluation }) => evaluation.role).map(({ reference, subject, evaluation }) =>
      workloadWarning(targetOf(change, reference), subject, evaluation),
    ),
    ...(defaultRole === undefined ? [] : [defaultWarning(change.kind, defaultRole)]),
    ...firstOfEach(misspelt, ({ misspeltKey }) => misspeltKey).map(({ misspeltKey, path }) =>
      misspeltWarning(change.kind, misspeltKey, path),
    ),
    ...firstOfEach(labelled, ({ labelKey }) => labelKey).map(({ labelKey, path }) =>
      labelWarning(change.kind, labelKey, path),
    ),
    ...misplaced.map((annotation) => misplacedWarning(change.kind, annotation)),
    ...firstOfEach(withRrsa, ({ role }) => role).map(({ reference, role, rrsa }) =>
      rrsaWarning(targetOf(change, reference), role, rrsa),
    ),
  ].slice(0, MAX_WARNINGS);
}

/** The hint of a warning may take long to find, so no more than can be shown are made. */
function firstOfEach<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  const firsts = new Map(items.toReversed().map((item) => [keyOf(item), item]));
  return items.filter((item) => firsts.get(keyOf(item)) === item).slice(0, MAX_WARNINGS);
}

/** The message of a workload's denial. */
export function workloadDenialMessage(kind: string, subject: Subject, violation: Violation): string {
  return `${describePods(kind)} would be denied: ${denialMessage(subject, violation)}`;
}

/** The warning for a workload whose pods will be denied, lose their role, or keep it only while the action is `Warn`. */
export function workloadWarning(target: MessageTarget, subject: Subject, violation: Violation): string {
  const foretell = (width: number) =>
    `${describePods(target.kind, width)} will be ${outcome(violation, width)}`;
  const cause = ': …'.length + Math.min(causeOf(violation).length, MAX_CAUSE_CHARACTERS);
  const width = findWidth(
    (width) => verdictHead(subject, violation, foretell(width), width),
    MAX_WARNING_CHARACTERS - cause,
  );
  return withPath(violationWarning(subject, violation, foretell(width), width), target);
}

/** The warning for a workload whose pods name no role and will get one. */
export function defaultWarning(kind: string, { role, allowlist }: DefaultRole): string {
  return toWarning(
    `${describePods(kind)} name no RAM role and will get ${quoted(role)}, the default of allowlist ${quoted(allowlist)}`,
  );
}

/** The warning for an annotation that no pod gets. */
export function misplacedWarning(
  kind: string,
  { path, misspeltKey, role, belongsIn }: MisplacedAnnotation,
): string {
  return toWarning(
    misspeltKey === undefined
      ? `RAM role ${quoted(role)} in ${path} of this ${shownKind(kind)} has no effect; put the annotation in ${belongsIn}`
      : `${describeMisspelt(kind, misspeltKey, path)}; put ${ROLE_ANNOTATION} in ${belongsIn}`,
  );
}

/** The warning for pods that get a role in two ways. */
export function rrsaWarning(target: MessageTarget, role: string, rrsa: string): string {
  const toText = (width: number) =>
    `${describePods(target.kind, width)} name RAM role ${quoted(role, width)} and get one by RRSA too (${rrsa}); remove one of them, or the application chooses`;
  return withPath(toText(findWidth(toText, MAX_WARNING_CHARACTERS)), target);
}

/** Finds how much of each name can be shown for a text to have at most `max` characters. */
function findWidth(toText: (width: number) => string, max: number): number {
  return NAME_WIDTHS.find((width) => toText(width).length <= max) ?? MIN_NAME_WIDTH;
}

/** The path comes last, so that it is the part that is cut if a warning is too long. */
function withPath(warning: string, { path }: MessageTarget): string {
  return path === undefined ? warning : toWarning(`${warning} (at ${path})`);
}

function outcome({ action, defaultRole }: Violation, width: number): string {
  if (action === 'Strip') {
    return defaultRole === undefined
      ? 'created without it'
      : `created with the default role ${quoted(defaultRole.role, width)} instead`;
  }
  return action === 'Deny' ? 'denied' : 'admitted with a warning';
}

function describePods(kind: string, width?: number): string {
  return `pods of this ${shownKind(kind, width)}`;
}

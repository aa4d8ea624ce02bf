import * as z from 'zod';
import { type FileProblem, formatPosition } from '../../sources/files/objects.ts';
import { printable } from '../../text/printable.ts';
import type { JunitCase } from '../junit.ts';
import type { CheckedObject, Finding } from './check.ts';

const position = {
  file: z.string().meta({ description: 'The file as the user named it.' }),
  line: z.int().meta({ description: 'From 1.' }),
  column: z.int().meta({ description: 'From 1, in UTF-16 code units.' }),
};

const finding = z.object({
  level: z.enum(['denied', 'warning']),
  message: z.string().meta({ description: 'The message of the webhook.' }),
  ...position,
});

const checkedObject = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().meta({ description: 'Empty for a cluster-scoped object.' }),
  name: z.string().meta({ description: 'Empty if the API server would generate it.' }),
  ...position,
  outcome: z
    .enum(['allow', 'inject', 'strip', 'deny', 'warn', 'audit'])
    .meta({ description: 'The outcome for the object and the pods that it creates.' }),
  reason: z.string().meta({ description: 'The reason of the outcome, as in the log of the webhook.' }),
  roles: z.array(z.string()).meta({
    description: 'The RAM roles that its pods have after admission; those that they name if they are denied.',
  }),
  allowlists: z.array(z.string()).meta({ description: 'The allowlists that the outcome depends on.' }),
  findings: z.array(finding),
});

/** The output of `check --output json`. */
export const CHECK_RESULT = z
  .object({
    command: z.literal('check'),
    objects: z.array(checkedObject).meta({ description: 'The objects that were checked, in their order.' }),
    skipped: z
      .record(z.string(), z.int())
      .meta({ description: 'The number of objects of each kind that was not checked.' }),
    problems: z
      .array(z.object({ message: z.string(), ...position }))
      .meta({ description: 'The texts and values that could not be read.' }),
    notes: z.array(z.string()).meta({ description: 'Facts that are missing and could change an outcome.' }),
  })
  .meta({ title: 'Output of eci-ram-role check --output json' });

/** The result of `check`. */
export type CheckResult = Readonly<{
  objects: readonly CheckedObject[];
  skipped: ReadonlyMap<string, number>;
  problems: readonly FileProblem[];
  notes: readonly string[];
}>;

/** The result in the form of its schema. */
export function toJson({ objects, skipped, problems, notes }: CheckResult): z.input<typeof CHECK_RESULT> {
  return {
    command: 'check',
    objects: objects.map(({ position, findings, roles, allowlists, ...object }) => ({
      ...object,
      ...position,
      roles: [...roles],
      allowlists: [...allowlists],
      findings: findings.map(({ position, ...finding }) => ({ ...finding, ...position })),
    })),
    skipped: Object.fromEntries(skipped),
    problems: problems.map((problem) => ({ message: messageOf(problem), ...problem.position })),
    notes: [...notes],
  };
}

/** The text of a problem after its position. */
export function messageOf({ position, line }: FileProblem): string {
  return line.slice(formatPosition(position).length + 2);
}

/** An object as a person names it: `Deployment payments/web`. */
export function nameOf({
  kind,
  namespace,
  name,
}: Pick<CheckedObject, 'kind' | 'namespace' | 'name'>): string {
  const path = [namespace, name].filter((part) => part !== '').join('/');
  return printable(path === '' ? kind : `${kind} ${path}`, 512);
}

/** The findings of one level. */
export function findingsOf({ findings }: CheckedObject, level: Finding['level']): readonly Finding[] {
  return findings.filter((finding) => finding.level === level);
}

/** The result as cases of a JUnit report: one for each object, and one for each problem. */
export function toJunitCases({ objects, problems }: CheckResult): readonly JunitCase[] {
  return [
    ...objects.map((object) => {
      const { file, line } = object.position;
      const failures = findingsOf(object, 'denied').map(({ message, position }) => ({
        ...{ type: object.reason, message },
        text: `${formatPosition(position)}: ${message}`,
      }));
      const notes = findingsOf(object, 'warning').map(
        ({ message, position }) => `${formatPosition(position)}: warning: ${message}`,
      );
      return { file, line, name: nameOf(object), failures, errors: [], notes };
    }),
    ...problems.map(({ position, line: text }) => {
      const message = messageOf({ position, line: text });
      const errors = [{ type: 'unreadable', message, text }];
      return { ...position, name: formatPosition(position), failures: [], errors, notes: [] };
    }),
  ];
}

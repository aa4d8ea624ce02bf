import * as z from 'zod';
import { isGlob } from '../../policy/glob.ts';
import { isSofter } from '../../policy/violation-action.ts';
import type { CheckedObject } from '../check/check.ts';
import type { PolicyView } from '../policy-view.ts';

const decided = z.object({ outcome: z.string(), roles: z.array(z.string()) });

/** The output of `diff --output json`. */
export const DIFF_RESULT = z
  .object({
    command: z.literal('diff'),
    compared: z.int().meta({ description: 'The number of pods and workloads that were decided twice.' }),
    changes: z.array(
      z.object({
        kind: z.string(),
        namespace: z.string(),
        name: z.string(),
        change: z.enum(['newly-denied', 'newly-allowed', 'other-role', 'other-outcome']),
        before: decided,
        after: decided,
        messages: z.array(z.string()).meta({ description: 'The denials and warnings after the change.' }),
      }),
    ),
    actions: z
      .array(
        z.object({ namespace: z.string(), before: z.string(), after: z.string(), isSofter: z.boolean() }),
      )
      .meta({ description: 'The namespaces whose action on a violation changes.' }),
    notes: z.array(z.string()).meta({ description: 'Facts that are missing and could change the answer.' }),
  })
  .meta({ title: 'Output of eci-ram-role diff --output json' });

export type DiffResult = z.input<typeof DIFF_RESULT>;
export type Change = DiffResult['changes'][number];

/** The change of an object between two decisions; none if it is decided as before. */
export function findChange(before: CheckedObject, after: CheckedObject): readonly Change[] {
  const change = nameChange(before, after);
  if (change === undefined) {
    return [];
  }
  const { kind, namespace, name } = after;
  const toDecided = ({ outcome, roles }: CheckedObject) => ({ outcome, roles: [...roles] });
  const messages = after.findings.map(({ message }) => message);
  return [{ kind, namespace, name, change, before: toDecided(before), after: toDecided(after), messages }];
}

function nameChange(before: CheckedObject, after: CheckedObject): Change['change'] | undefined {
  const [wasDenied, isDenied] = [before.outcome === 'deny', after.outcome === 'deny'];
  if (wasDenied !== isDenied) {
    return isDenied ? 'newly-denied' : 'newly-allowed';
  }
  if (!isDenied && before.roles.join() !== after.roles.join()) {
    return 'other-role';
  }
  return before.outcome === after.outcome ? undefined : 'other-outcome';
}

/** Finds the changes of actions in the namespaces that are known, used, or named by an allowlist without a star. */
export function findActions(
  before: PolicyView,
  after: PolicyView,
  used: ReadonlySet<string>,
): DiffResult['actions'] {
  const named = [before, after].flatMap(({ policy }) =>
    [...policy.allowlists.values()].flatMap(({ spec }) => spec.namespaces ?? []),
  );
  const names = new Set([...before.namespaces.keys(), ...used, ...named.filter((name) => !isGlob(name))]);
  names.delete('');
  return [...names].sort().flatMap((namespace) => {
    const [first, second] = [actionIn(before, namespace), actionIn(after, namespace)];
    return first === second
      ? []
      : [{ namespace, before: first, after: second, isSofter: isSofter(second, first) }];
  });
}

function actionIn({ policy, labelsOf }: PolicyView, namespace: string) {
  return policy.select(namespace, labelsOf(namespace)).action ?? policy.settings.unlistedNamespaces;
}

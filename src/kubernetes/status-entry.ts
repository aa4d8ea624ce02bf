import { API_VERSION, KIND } from '../policy/allowlist.ts';
import type { Readiness } from '../policy/readiness.ts';
import type { ReadyCondition } from './read-ready-condition.ts';

/** What the status of a list should say, and what it says. */
export type StatusEntry = Readonly<{
  name: string;
  /** A list that is made anew under its old name is another one. */
  uid: string;
  generation: number;
  readiness: Readiness;
  condition: ReadyCondition | undefined;
}>;

/** Tells whether a status says something else than it should. */
export function isStale({ generation, readiness, condition }: StatusEntry): boolean {
  return (
    condition === undefined ||
    condition.observedGeneration !== generation ||
    condition.status !== readiness.status ||
    condition.reason !== readiness.reason ||
    condition.message !== readiness.message
  );
}

/** What a status should say, as one text to compare. */
export function textOf({ generation, readiness }: StatusEntry): string {
  return JSON.stringify([generation, readiness]);
}

/** The object to apply: the condition and nothing else. */
export function toApplyPatch({ name, generation, readiness, condition }: StatusEntry): unknown {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const lastTransitionTime = condition?.status === readiness.status ? condition.lastTransitionTime : now;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name },
    status: {
      conditions: [{ type: 'Ready', ...readiness, observedGeneration: generation, lastTransitionTime }],
    },
  };
}

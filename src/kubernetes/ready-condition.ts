import { asObject, type JsonObject } from '../json/json.ts';
import type { ReadyCondition } from '../policy/ready-condition.ts';
import { API_VERSION, KIND } from '../policy/schema/allowlist.ts';

/** The condition Ready as it stands in a status, whoever wrote it. */
export type StoredCondition = Readonly<{
  status: string;
  reason: string;
  message: string;
  /** Undefined where whoever wrote it left that out. */
  observedGeneration: number | undefined;
  lastTransitionTime: string;
}>;

/** The condition Ready of an object; undefined where there is none that has all that a condition needs. */
export function readStoredCondition(raw: JsonObject): StoredCondition | undefined {
  const { conditions } = asObject(raw['status']);
  const ready = Array.isArray(conditions)
    ? conditions.map(asObject).find(({ type }) => type === 'Ready')
    : undefined;
  const { status, reason, message, observedGeneration, lastTransitionTime } = ready ?? {};
  if (
    typeof status !== 'string' ||
    typeof reason !== 'string' ||
    typeof message !== 'string' ||
    typeof lastTransitionTime !== 'string'
  ) {
    return undefined;
  }
  return {
    status,
    reason,
    message,
    observedGeneration: typeof observedGeneration === 'number' ? observedGeneration : undefined,
    lastTransitionTime,
  };
}

/** What the status of a list should say, and what it says. */
export type StatusEntry = Readonly<{
  name: string;
  /** A list that is made anew under its old name is another one. */
  uid: string;
  generation: number;
  readiness: ReadyCondition;
  condition: StoredCondition | undefined;
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

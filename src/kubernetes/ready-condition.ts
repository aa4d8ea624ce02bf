import { asObject, type JsonObject } from '../json/json.ts';
import type { ReadyCondition } from '../policy/ready-condition.ts';
import { API_VERSION, KIND } from '../policy/schema/allowlist.ts';

/** The condition Ready of a status with what else the status has, written by any client. */
export type StoredCondition = Readonly<{
  /** The generation that the whole status is for, which kstatus reads: Helm and Flux wait for it. */
  statusGeneration: number | undefined;
  /** Whether there is the condition Stalled, with which kstatus waits no longer. */
  isStalled: boolean;
  status: string;
  reason: string;
  message: string;
  /** Undefined if its writer left it out. */
  observedGeneration: number | undefined;
  lastTransitionTime: string;
}>;

/** The condition Ready of an object; undefined if there is none, or it lacks a required field. */
export function readStoredCondition(raw: JsonObject): StoredCondition | undefined {
  const { conditions, observedGeneration: statusGeneration } = asObject(raw['status']);
  const stored = Array.isArray(conditions) ? conditions.map(asObject) : [];
  const ready = stored.find(({ type }) => type === 'Ready');
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
    statusGeneration: typeof statusGeneration === 'number' ? statusGeneration : undefined,
    isStalled: stored.some(({ type, status }) => type === 'Stalled' && status === 'True'),
    status,
    reason,
    message,
    observedGeneration: typeof observedGeneration === 'number' ? observedGeneration : undefined,
    lastTransitionTime,
  };
}

/** The status that an allowlist should have, and the one that it has. */
export type StatusEntry = Readonly<{
  name: string;
  /** An allowlist that is deleted and created again has another uid. */
  uid: string;
  generation: number;
  readiness: ReadyCondition;
  condition: StoredCondition | undefined;
}>;

/** Whether a status must be written. */
export function isStale({ generation, readiness, condition }: StatusEntry): boolean {
  return (
    condition === undefined ||
    condition.statusGeneration !== generation ||
    condition.isStalled !== isStalled(readiness) ||
    condition.observedGeneration !== generation ||
    condition.status !== readiness.status ||
    condition.reason !== readiness.reason ||
    condition.message !== readiness.message
  );
}

/** The status that an allowlist should have, as a text to compare. */
export function textOf({ generation, readiness }: StatusEntry): string {
  return JSON.stringify([generation, readiness]);
}

/** The object for server-side apply: only our part of the status. */
export function toApplyPatch({ name, generation, readiness, condition }: StatusEntry): unknown {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const lastTransitionTime = condition?.status === readiness.status ? condition.lastTransitionTime : now;
  const ready = { type: 'Ready', ...readiness, observedGeneration: generation, lastTransitionTime };
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name },
    status: {
      observedGeneration: generation,
      conditions: isStalled(readiness) ? [ready, { ...ready, type: 'Stalled', status: 'True' }] : [ready],
    },
  };
}

/** Whether an allowlist stays as it is until somebody changes it, or another allowlist. */
function isStalled({ status }: ReadyCondition): boolean {
  return status === 'False';
}

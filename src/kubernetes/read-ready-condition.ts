import { asObject, type JsonObject } from '../policy/json-object.ts';

/** The condition Ready as it stands in a status, whoever wrote it. */
export type ReadyCondition = Readonly<{
  status: string;
  reason: string;
  message: string;
  /** Undefined where whoever wrote it left that out. */
  observedGeneration: number | undefined;
  lastTransitionTime: string;
}>;

/** The condition Ready of an object; undefined where there is none that has all that a condition needs. */
export function readReadyCondition(raw: JsonObject): ReadyCondition | undefined {
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

import type { AllowlistProblem } from './allowlist-problem.ts';
import { asObject, type JsonObject, own } from './json-object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const NARROWING_FIELDS = ['serviceAccounts', 'expiresAt'];

/**
 * Finds nulls in fields that narrow a list which never reached the API server: to `kubectl apply` a null means that the
 * field is to go, and what was to be narrow is wide open. What it was given is left in an annotation.
 */
export function findDroppedNulls(root: unknown): AllowlistProblem[] {
  const applied = own(partOf(partOf(root, 'metadata'), 'annotations'), LAST_APPLIED);
  const given = typeof applied === 'string' ? partOf(parseJson(applied), 'spec') : {};
  const spec = partOf(root, 'spec');
  return NARROWING_FIELDS.filter((field) => own(given, field) === null && own(spec, field) === undefined).map(
    (field) => ({
      path: ['spec', field],
      expected: 'a value or no such field',
      found: 'null, which kubectl apply left out',
    }),
  );
}

function partOf(value: unknown, key: string): JsonObject {
  return asObject(own(asObject(value), key));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

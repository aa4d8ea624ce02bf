import { asObject, isObject, type JsonObject, own } from '../../json/json.ts';
import type { Problem } from '../../text/problem.ts';

/**
 * Fields that may be null, which the API server takes for left out. Those that narrow a list may not: what was to be
 * narrow would be wide open.
 */
const NULLABLE_FIELDS = [
  'namespaces',
  'namespaceSelector',
  'defaultRole',
  'injectInto',
  'violationAction',
  'contact',
  'reason',
];

/** An object that claims to be an allowlist, without those of its fields that are null and may be. */
export function stripNulls(root: unknown): unknown {
  const spec = isObject(root) ? root['spec'] : undefined;
  if (!isObject(root) || !isObject(spec)) {
    return root;
  }
  const nulls = NULLABLE_FIELDS.filter((field) => Object.hasOwn(spec, field) && spec[field] === null);
  if (nulls.length === 0) {
    return root;
  }
  const rest = Object.entries(spec).filter(([field]) => !nulls.includes(field));
  return { ...root, spec: Object.fromEntries(rest) };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const NARROWING_FIELDS = ['serviceAccounts', 'expiresAt'];

/**
 * Finds nulls in fields that narrow a list which never reached the API server: to `kubectl apply` a null means that the
 * field is to go, and what was to be narrow is wide open. What it was given is left in an annotation.
 */
export function findPrunedNulls(root: unknown): Problem[] {
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

import { isObject } from './json-object.ts';

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
export function withoutNulls(root: unknown): unknown {
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

import type * as z from 'zod';
import { asObject, isObject, type JsonObject, own } from '../../json/json.ts';
import { parseJson } from '../../json/parse.ts';
import type { Problem } from '../../text/problem.ts';
import { allowlistSchema, PRESERVED_NULL } from './allowlist.ts';

/**
 * The API server drops a null from a field that is not nullable, so that an optional field counts as left out. A field
 * that narrows an allowlist is nullable in the schema: its null is preserved and makes the allowlist Invalid. Without the
 * field, the allowlist would cover more pods than its author meant.
 */
const fields = Object.entries(allowlistSchema.shape.spec.shape);
const NARROWING_FIELDS = fields.filter(([, field]) => isNullable(field)).map(([name]) => name);
const STRIPPED_FIELDS = fields
  .filter(([, field]) => !isNullable(field) && field.safeParse(undefined).success)
  .map(([name]) => name);

function isNullable(field: z.ZodType): boolean {
  return field.meta()?.['nullable'] === PRESERVED_NULL;
}

/** Removes the nulls that count as fields left out from an object of any form. */
export function stripNulls(root: unknown): unknown {
  const spec = isObject(root) ? root['spec'] : undefined;
  if (!isObject(root) || !isObject(spec)) {
    return root;
  }
  const nulls = STRIPPED_FIELDS.filter((field) => Object.hasOwn(spec, field) && spec[field] === null);
  if (nulls.length === 0) {
    return root;
  }
  const rest = Object.entries(spec).filter(([field]) => !nulls.includes(field));
  return { ...root, spec: Object.fromEntries(rest) };
}

/** All annotations of an object have at most 256 KiB. No allowlist has a tenth of the cost. */
const MANIFEST_BOUNDS = { length: 256 * 1024, cost: 20_000, depth: 64 };

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Finds nulls of narrowing fields that `kubectl apply` did not send, because there a null means "remove the field". It
 * stores the manifest in an annotation.
 */
export function findPrunedNulls(root: unknown): Problem[] {
  const applied = own(partOf(partOf(root, 'metadata'), 'annotations'), LAST_APPLIED);
  const manifest = typeof applied === 'string' ? parseJson(applied, MANIFEST_BOUNDS) : undefined;
  const given = manifest?.ok ? partOf(manifest.value, 'spec') : {};
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

import type * as z from 'zod';
import { asArray, asObject, isObject, type JsonObject, own } from '../../json/json.ts';
import { parseJson } from '../../json/parse.ts';
import { quoted } from '../../text/printable.ts';
import type { Problem } from '../../text/problem.ts';
import { allowlistSchema, PRESERVED_NULL } from './allowlist.ts';
import { hasTooManyLabels, LABELS_WORDS, labelSelectorSchema } from './label-selector.ts';

/** Returns the form of an object that the schema checks. */
export function normalize(root: unknown): unknown {
  return shortenForSchema(withoutExcessLabels(stripNulls(root)));
}

/** Finds the problems of an object that the schema cannot see in its normalized form. */
export function findUnseenProblems(root: unknown): readonly Problem[] {
  return [...findUnseenLabels(root), ...findExcessLabels(root), ...findPrunedNulls(root)];
}

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

const LABELS_PATH = ['spec', 'namespaceSelector', 'matchLabels'];

/** Zod drops a key `__proto__` of a map without a problem, and a selector without its label would select more. */
function findUnseenLabels(root: unknown): Problem[] {
  const { matchLabels } = asObject(selectorOf(root));
  return Object.hasOwn(asObject(matchLabels), '__proto__')
    ? [{ path: [...LABELS_PATH, '__proto__'], expected: 'a label key', found: quoted('__proto__') }]
    : [];
}

/**
 * Returns the problem of a namespaceSelector with too many labels, in an object of any form. Zod checks every entry of a map
 * before it counts them, so that too many are found without it.
 */
export function findExcessLabels(root: unknown): Problem[] {
  return hasTooManyLabels(selectorOf(root))
    ? [{ path: LABELS_PATH, expected: LABELS_WORDS, found: 'an object' }]
    : [];
}

/** Removes all labels from a namespaceSelector that has too many of them. */
export function withoutExcessLabels(root: unknown): unknown {
  const selector = selectorOf(root);
  if (!hasTooManyLabels(selector)) {
    return root;
  }
  const namespaceSelector = { ...asObject(selector), matchLabels: {} };
  return { ...asObject(root), spec: { ...asObject(asObject(root)['spec']), namespaceSelector } };
}

function selectorOf(root: unknown): unknown {
  return asObject(asObject(root)['spec'])['namespaceSelector'];
}

const ROOT_FIELDS = Object.keys(allowlistSchema.shape);
const SPEC_FIELDS = Object.keys(allowlistSchema.shape.spec.shape);
const SELECTOR_FIELDS = Object.keys(labelSelectorSchema.shape);
const REQUIREMENT_FIELDS = ['key', 'operator', 'values'];

/** The fields of the objects of an allowlist, by their path. */
export const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ROOT_FIELDS],
  ['spec', SPEC_FIELDS],
  ['spec.namespaceSelector', SELECTOR_FIELDS],
  ['spec.namespaceSelector.matchExpressions', REQUIREMENT_FIELDS],
]);

/** One more than the longest list of an allowlist may have. */
const MAX_ITEMS = 257;

/** Nobody reads of more. */
const MAX_UNKNOWN_FIELDS = 100;

/**
 * Shortens the lists and maps of an object that an allowlist cannot have, so that the schema checks no more than it must to
 * find it wrong: zod takes microseconds for every item, and a body has a hundred thousand.
 */
function shortenForSchema(root: unknown): unknown {
  if (!isObject(root)) {
    return root;
  }
  const { metadata, spec } = root;
  return {
    ...shortenFields(root, ROOT_FIELDS),
    // The schema reads the name alone.
    ...(isObject(metadata) && {
      metadata: Object.hasOwn(metadata, 'name') ? { name: metadata['name'] } : {},
    }),
    ...(isObject(spec) && { spec: shortenSpec(spec) }),
  };
}

function shortenSpec(spec: JsonObject): JsonObject {
  const selector = spec['namespaceSelector'];
  return {
    ...shortenLists(shortenFields(spec, SPEC_FIELDS)),
    ...(isObject(selector) && { namespaceSelector: shortenSelector(selector) }),
  };
}

function shortenSelector(selector: JsonObject): JsonObject {
  const shortened = shortenLists(shortenFields(selector, SELECTOR_FIELDS));
  const { matchExpressions } = shortened;
  return Array.isArray(matchExpressions)
    ? { ...shortened, matchExpressions: matchExpressions.map(shortenRequirement) }
    : shortened;
}

function shortenRequirement(requirement: unknown): unknown {
  return isObject(requirement) ? shortenLists(shortenFields(requirement, REQUIREMENT_FIELDS)) : requirement;
}

function shortenLists(object: JsonObject): JsonObject {
  const long = Object.entries(object).filter(([, value]) => Array.isArray(value) && value.length > MAX_ITEMS);
  return {
    ...object,
    ...Object.fromEntries(long.map(([key, value]) => [key, asArray(value).slice(0, MAX_ITEMS)])),
  };
}

/** All known fields of an object, and some of the others. */
function shortenFields(value: JsonObject, known: readonly string[]): JsonObject {
  const keys = Object.keys(value);
  if (keys.length <= known.length + MAX_UNKNOWN_FIELDS) {
    return value;
  }
  const unknown = keys.filter((key) => !known.includes(key)).slice(0, MAX_UNKNOWN_FIELDS);
  const kept = [...known.filter((key) => Object.hasOwn(value, key)), ...unknown];
  return Object.fromEntries(kept.map((key) => [key, value[key]]));
}

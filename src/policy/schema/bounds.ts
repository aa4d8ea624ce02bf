import { asArray, isObject, type JsonObject } from '../../json/json.ts';
import { allowlistSchema } from './allowlist.ts';
import { labelSelectorSchema } from './label-selector.ts';

/** The fields of the objects of an allowlist, by their path. */
export const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(allowlistSchema.shape)],
  ['spec', Object.keys(allowlistSchema.shape.spec.shape)],
  ['spec.namespaceSelector', Object.keys(labelSelectorSchema.shape)],
  ['spec.namespaceSelector.matchExpressions', ['key', 'operator', 'values']],
]);

/** One more than the longest list of an allowlist may have. */
const MAX_ITEMS = 257;

/** Nobody reads of more. */
const MAX_UNKNOWN_FIELDS = 100;

/**
 * Shortens the lists and maps of an object that an allowlist cannot have, so that the schema checks no more than it must to
 * find it wrong: zod takes microseconds for every item, and a body has a hundred thousand.
 */
export function shortenForSchema(root: unknown): unknown {
  if (!isObject(root)) {
    return root;
  }
  const { metadata, spec } = root;
  return {
    ...shortenFields(root, ''),
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
    ...shortenLists(shortenFields(spec, 'spec')),
    ...(isObject(selector) && { namespaceSelector: shortenSelector(selector) }),
  };
}

function shortenSelector(selector: JsonObject): JsonObject {
  const shortened = shortenLists(shortenFields(selector, 'spec.namespaceSelector'));
  const { matchExpressions } = shortened;
  return Array.isArray(matchExpressions)
    ? { ...shortened, matchExpressions: matchExpressions.map(shortenRequirement) }
    : shortened;
}

function shortenRequirement(requirement: unknown): unknown {
  const path = 'spec.namespaceSelector.matchExpressions';
  return isObject(requirement) ? shortenLists(shortenFields(requirement, path)) : requirement;
}

function shortenLists(object: JsonObject): JsonObject {
  const long = Object.entries(object).filter(([, value]) => Array.isArray(value) && value.length > MAX_ITEMS);
  return {
    ...object,
    ...Object.fromEntries(long.map(([key, value]) => [key, asArray(value).slice(0, MAX_ITEMS)])),
  };
}

/** All known fields of an object, and some of the others. */
function shortenFields(value: JsonObject, path: string): JsonObject {
  const known = FIELDS.get(path) ?? [];
  const keys = Object.keys(value);
  if (keys.length <= known.length + MAX_UNKNOWN_FIELDS) {
    return value;
  }
  const unknown = keys.filter((key) => !known.includes(key)).slice(0, MAX_UNKNOWN_FIELDS);
  const kept = [...known.filter((key) => Object.hasOwn(value, key)), ...unknown];
  return Object.fromEntries(kept.map((key) => [key, value[key]]));
}

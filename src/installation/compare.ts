import { asObject, asString, isObject, type JsonObject, own } from '../json/json.ts';

/** How an object of the cluster differs from the one that the chart rendered; each difference is its path. */
export type Differences = Readonly<{
  /** Rendered parts that are missing or have another value, and additions that can change their effect. */
  changes: readonly string[];
  /** Additions that leave the effect of the rendered parts as it is. */
  additions: readonly string[];
}>;

type Found = { changes: string[]; additions: string[] };

/** The lists to which items can be added without a change for the others. */
const EXTENSIBLE = new Set([
  ...['webhooks', 'rules', 'resourceRules'],
  ...['operations', 'apiGroups', 'apiVersions', 'resources'],
]);

/** The values that the API server sets if the chart renders none, beside empty ones. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['matchPolicy', 'Equivalent'],
  ['scope', '*'],
]);

/** The caBundle belongs to the server or to cert-manager. */
const IGNORED = 'caBundle';

/** The most paths that are reported. */
const MAX_PATHS = 8;

/** The most items that are searched, beside as many as the chart rendered. */
const MAX_MORE_ITEMS = 1_000;

/**
 * Compares an object with the one that the chart rendered. A rendered `null` stands for an absent or empty value. Labels
 * and additional annotations are not compared: they decide nothing, and other tools set them.
 */
export function compareObject(rendered: JsonObject, actual: JsonObject): Differences {
  const found: Found = { changes: [], additions: [] };
  const { apiVersion: _, kind: __, metadata, ...parts } = rendered;
  for (const [key, value] of Object.entries(parts)) {
    compareValue(key, key, value, own(actual, key), found);
  }
  const { annotations, finalizers } = asObject(metadata);
  const actualMetadata = asObject(own(actual, 'metadata'));
  const actualAnnotations = asObject(own(actualMetadata, 'annotations'));
  for (const [key, value] of Object.entries(asObject(annotations))) {
    compareValue(key, `metadata.annotations[${key}]`, value, own(actualAnnotations, key), found);
  }
  if (finalizers === null) {
    compareValue('finalizers', 'metadata.finalizers', null, own(actualMetadata, 'finalizers'), found);
  }
  return { changes: found.changes.slice(0, MAX_PATHS), additions: found.additions.slice(0, MAX_PATHS) };
}

/** Recurses no deeper than the rendered value. */
function compareValue(key: string, path: string, rendered: unknown, actual: unknown, found: Found): void {
  if (Array.isArray(rendered)) {
    compareList(key, path, rendered, Array.isArray(actual) ? actual : [], found);
  } else if (isObject(rendered)) {
    compareFields(path, rendered, asObject(actual), found);
  } else if (rendered === null ? !isEmpty(actual) : rendered !== actual) {
    found.changes.push(path);
  }
}

function compareFields(path: string, rendered: JsonObject, actual: JsonObject, found: Found): void {
  for (const [key, value] of Object.entries(rendered)) {
    compareValue(key, `${path}.${key}`, value, own(actual, key), found);
  }
  for (const [key, value] of Object.entries(actual)) {
    const isDefault = isEmpty(value) || DEFAULTS.get(key) === value || key === IGNORED;
    if (!Object.hasOwn(rendered, key) && !isDefault) {
      found.changes.push(`${path}.${key}`);
    }
  }
}

/** The order of a list decides nothing. An item with a name is compared with the one of its name. */
function compareList(
  key: string,
  path: string,
  rendered: readonly unknown[],
  actual: readonly unknown[],
  found: Found,
): void {
  if (actual.length > rendered.length + MAX_MORE_ITEMS) {
    found.changes.push(path);
    return;
  }
  const others = new Set(actual.keys());
  for (const [index, item] of rendered.entries()) {
    const name = nameOf(item);
    const match = others
      .values()
      .find((other) => (name === '' ? isWithin(item, actual[other]) : nameOf(actual[other]) === name));
    const itemPath = `${path}[${name || index}]`;
    if (match === undefined) {
      found.changes.push(itemPath);
    } else {
      others.delete(match);
      compareValue(key, itemPath, item, actual[match], found);
    }
  }
  const additions = EXTENSIBLE.has(key) ? found.additions : found.changes;
  for (const other of others.values().take(MAX_PATHS)) {
    additions.push(`${path}[${nameOf(actual[other]) || other}]`);
  }
}

function isWithin(rendered: unknown, actual: unknown): boolean {
  const found: Found = { changes: [], additions: [] };
  compareValue('', '', rendered, actual, found);
  return found.changes.length === 0;
}

function nameOf(item: unknown): string {
  return asString(own(asObject(item), 'name'));
}

/** Whether a value is absent, or has no effect because it is empty. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

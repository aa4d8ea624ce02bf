import { asObject, isObject, type JsonObject } from '../../policy/json-object.ts';
import { asArray, asString, own } from '../json.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import { createMisspeltKeySearch, type FindMisspeltKey } from './misspelt-key.ts';
import type { RolePlace } from './role-place.ts';
import { findRrsa } from './rrsa.ts';

const MAX_PATH_STEPS = 12;

/** A value inside an object, and the way to it. */
type Step = Readonly<{ value: unknown; key: string | number; parent: Step | undefined }>;

/**
 * Finds the first `max` maps of an object of any kind, at any depth, that name a role by the annotation, in the order in
 * which they are written. What a template engine has still to fill in (`{{…}}`) names no role yet.
 */
export function findRolePlaces(object: unknown, max: number): readonly RolePlace[] {
  const findMisspeltKey = createMisspeltKeySearch();
  const places: RolePlace[] = [];
  const pending: Step[] = [];
  pushChildren({ value: withoutUnsearched(object), key: '', parent: undefined }, pending);
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const place = isObject(step.value) ? toPlace(step, step.value, findMisspeltKey) : undefined;
    if (place !== undefined) {
      places.push(place);
    }
    if (places.length === max) {
      break;
    }
    pushChildren(step, pending);
  }
  return places;
}

/** An object's own metadata is no pod's, and its status is what a controller says of it. */
function withoutUnsearched(object: unknown): JsonObject {
  const { metadata: _metadata, status: _status, ...searched } = asObject(object);
  return searched;
}

/** The last first: what is pushed last is taken first. What is no object and no list holds nothing. */
function pushChildren(parent: Step, pending: Step[]): void {
  const { value } = parent;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(asObject(value));
  for (const key of keys.toReversed()) {
    const child = isObject(value) ? value[key] : asArray(value)[Number(key)];
    if (typeof child === 'object' && child !== null) {
      pending.push({ value: child, key, parent });
    }
  }
}

function toPlace(step: Step, map: JsonObject, findMisspeltKey: FindMisspeltKey): RolePlace | undefined {
  const value = asString(own(map, ROLE_ANNOTATION));
  const role = value === '' || isTemplated(value) ? undefined : value;
  const misspeltKey = value === '' ? findMisspeltKey(map) : undefined;
  if (role === undefined && misspeltKey === undefined) {
    return undefined;
  }

  const { labels, spec } = podTemplateOf(step);
  return {
    path: formatPath(step),
    role,
    misspeltKey,
    serviceAccount: serviceAccountOf(spec),
    pod: undefined,
    rrsa: findRrsa(labels, spec),
  };
}

/**
 * The one that a template itself names, by the field or its deprecated alias. Without any its pods need not be those of
 * `default`: what made the template its own may have a field for it elsewhere, as the driver of a SparkApplication has.
 */
function serviceAccountOf(spec: JsonObject): string | undefined {
  const name = asString(spec['serviceAccountName']) || asString(spec['serviceAccount']);
  return name === '' || isTemplated(name) ? undefined : name;
}

function isTemplated(value: string): boolean {
  const start = value.indexOf('{{');
  return start !== -1 && value.includes('}}', start);
}

/** What is beside a map that is `metadata.annotations` of a pod template; of any other map nothing. */
function podTemplateOf({ key, parent }: Step): Readonly<{ labels: JsonObject; spec: JsonObject }> {
  const template = asObject(parent?.parent?.value);
  const spec = asObject(template['spec']);
  const isTemplate = key === 'annotations' && parent?.key === 'metadata' && Object.hasOwn(spec, 'containers');
  return isTemplate ? { labels: asObject(asObject(parent.value)['labels']), spec } : { labels: {}, spec: {} };
}

function formatPath(last: Step): string {
  const keys: string[] = [];
  let step: Step | undefined = last;
  while (step?.parent !== undefined && keys.length < MAX_PATH_STEPS) {
    keys.unshift(typeof step.key === 'number' ? `[${step.key}]` : `.${step.key}`);
    step = step.parent;
  }
  const isWhole = step?.parent === undefined;
  return `${isWhole ? '' : '…'}${keys.join('').replace(/^\./, isWhole ? '' : '.')}`;
}

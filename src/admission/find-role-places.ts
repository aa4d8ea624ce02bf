import { asObject, isObject, type JsonObject } from '../policy/json-object.ts';
import { asString } from './json.ts';
import { createMisspeltKeySearch, type FindMisspeltKey } from './misspelt-key.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';
import { type RolePlace, readPodTemplate } from './role-place.ts';

/** Its own metadata is no pod's, and its status is what a controller says of it. */
const NOT_SEARCHED = new Set(['metadata', 'status']);

/** What names roles in more places is judged by the first of them, lest it hold up other requests. */
const MAX_PLACES = 100;

const MAX_PATH_STEPS = 12;

/** A value inside an object, and the way to it. */
type Step = Readonly<{ value: unknown; key: string | number; parent: Step | undefined }>;

/**
 * Finds the maps of an object of any kind, at any depth, that name a role by the annotation, in the order in which they
 * are written. What a template engine has still to fill in (`{{…}}`) names no role yet.
 */
export function findRolePlaces(object: unknown): readonly RolePlace[] {
  const findMisspeltKey = createMisspeltKeySearch();
  const places: RolePlace[] = [];
  const pending = childrenOf({ value: object, key: '', parent: undefined }).filter(
    ({ key }) => !NOT_SEARCHED.has(String(key)),
  );
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const place = isObject(step.value) ? toPlace(step, step.value, findMisspeltKey) : undefined;
    if (place !== undefined) {
      places.push(place);
    }
    if (places.length === MAX_PLACES) {
      break;
    }
    for (const child of childrenOf(step)) {
      pending.push(child);
    }
  }
  return places;
}

/** The last first: what is pushed last is taken first. */
function childrenOf(parent: Step): Step[] {
  const { value } = parent;
  if (Array.isArray(value)) {
    return value.map((value: unknown, key) => ({ value, key, parent })).reverse();
  }
  return Object.entries(asObject(value))
    .map(([key, value]) => ({ value, key, parent }))
    .reverse();
}

function toPlace(step: Step, map: JsonObject, findMisspeltKey: FindMisspeltKey): RolePlace | undefined {
  const isNamed = Object.hasOwn(map, ROLE_ANNOTATION);
  const value = isNamed ? asString(map[ROLE_ANNOTATION]) : '';
  const role = value === '' || isTemplated(value) ? undefined : value;
  const misspeltKey = isNamed ? undefined : findMisspeltKey(map);
  if (role === undefined && misspeltKey === undefined) {
    return undefined;
  }

  const path = formatPath(step);
  const template = podTemplateOf(step);
  const place = template && readPodTemplate(template, path, () => misspeltKey);
  return place?.pod === undefined || isTemplated(place.pod.serviceAccount)
    ? { path, role, misspeltKey, pod: undefined, rrsa: place?.rrsa }
    : place;
}

function isTemplated(value: string): boolean {
  const start = value.indexOf('{{');
  return start !== -1 && value.includes('}}', start);
}

/** The object of which a map is `metadata.annotations`, where that is a pod template. */
function podTemplateOf({ key, parent }: Step): JsonObject | undefined {
  const template = asObject(parent?.parent?.value);
  const isAnnotations = key === 'annotations' && parent?.key === 'metadata';
  return isAnnotations && Object.hasOwn(asObject(template['spec']), 'containers') ? template : undefined;
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

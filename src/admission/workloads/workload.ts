import { asObject, asString, isObject, type JsonObject, own } from '../../json/json.ts';
import type { AdmissionRequest } from '../review.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import { findRolePlaces } from './find-role-places.ts';
import { createMisspeltKeySearch, type FindMisspeltKey } from './misspelt-key.ts';
import { type RolePlace, readPodTemplate, withoutIndices } from './role-place.ts';

/** An annotation that ECI never reads, since it is the workload's and no pod's, and where it belongs. */
export type Misplaced = Readonly<{
  path: string;
  /** Undefined where the key is right. */
  misspeltKey: string | undefined;
  role: string;
  belongsIn: string;
}>;

/** What creates pods, as the rules see it. */
export type Workload = Readonly<{
  /** Tells whether it is of a kind of which nothing is known but that its pods' annotations lie somewhere in it. */
  isCustom: boolean;
  places: readonly RolePlace[];
  misplaced: readonly Misplaced[];
  /** Tells whether it may have more places than were searched for. */
  isCut: boolean;
  /** What of it bears on the roles of its pods: what leaves this as it is gives no cause for advice. */
  relevant: unknown;
}>;

const TEMPLATE = ['spec', 'template'];
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['apps/deployments', TEMPLATE],
  ['apps/statefulsets', TEMPLATE],
  ['apps/daemonsets', TEMPLATE],
  ['apps/replicasets', TEMPLATE],
  ['/replicationcontrollers', TEMPLATE],
  ['batch/jobs', TEMPLATE],
  ['batch/cronjobs', ['spec', 'jobTemplate', ...TEMPLATE]],
]);

/** The objects above a pod template whose annotations no pod gets. */
const ABOVE_TEMPLATE = [[], ['spec', 'jobTemplate']];

/** No other kind of theirs creates pods by a template. */
const GROUPS_OF_KNOWN_KINDS = ['', 'apps', 'batch'];

/** What names roles in more places is judged by the first of them, lest it hold up other requests. */
const MAX_PLACES = 100;

/** What an object was is searched further, since any of its places may have become one of the first. They cost little: few are judged. */
const MAX_PLACES_BEFORE = 1000;

/** Reads an object, as odd as it may be, by the resource that it is of; undefined where that creates no pods. */
export function readWorkload(resource: AdmissionRequest['resource'], object: unknown): Workload | undefined {
  return readPlaces(resource, object, MAX_PLACES);
}

/** Reads what an object was before a change, to excuse what was wrong already. */
export function readWorkloadBefore(
  resource: AdmissionRequest['resource'],
  oldObject: unknown,
): Workload | undefined {
  return readPlaces(resource, oldObject, MAX_PLACES_BEFORE);
}

function readPlaces(
  { group, resource }: AdmissionRequest['resource'],
  object: unknown,
  maxPlaces: number,
): Workload | undefined {
  const path = TEMPLATES.get(`${group}/${resource}`);
  if (path !== undefined) {
    return readKnownKind(path, object);
  }
  return GROUPS_OF_KNOWN_KINDS.includes(group) ? undefined : readCustomKind(object, maxPlaces);
}

function readKnownKind(templatePath: readonly string[], object: unknown): Workload {
  const template = at(object, templatePath);
  const belongsIn = `${templatePath.join('.')}.metadata.annotations`;
  const findMisspeltKey = createMisspeltKeySearch();
  const place = isObject(template) ? readPodTemplate(template, belongsIn, findMisspeltKey) : undefined;
  const misplaced = ABOVE_TEMPLATE.map((path) => [...path, 'metadata', 'annotations'])
    .map((path) => ({
      path: path.join('.'),
      belongsIn,
      ...readMisplaced(asObject(at(object, path)), findMisspeltKey),
    }))
    .filter(({ role }) => role !== '');
  return {
    isCustom: false,
    places: place === undefined ? [] : [place],
    misplaced: misplaced.filter(({ role }) => role !== place?.role),
    isCut: false,
    relevant: [template ?? null, misplaced],
  };
}

function readCustomKind(object: unknown, maxPlaces: number): Workload {
  const places = findRolePlaces(object, maxPlaces);
  return {
    isCustom: true,
    places,
    misplaced: [],
    isCut: places.length === maxPlaces,
    relevant: places
      .slice(0, MAX_PLACES)
      .map(({ path, isForPods, role, misspeltKey, serviceAccount }) => [
        withoutIndices(path),
        isForPods,
        role,
        misspeltKey,
        serviceAccount,
      ]),
  };
}

function at(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => asObject(value)[key], object);
}

function readMisplaced(
  annotations: JsonObject,
  findMisspeltKey: FindMisspeltKey,
): Pick<Misplaced, 'role' | 'misspeltKey'> {
  const role = asString(own(annotations, ROLE_ANNOTATION));
  const misspeltKey = role === '' ? findMisspeltKey(Object.keys(annotations)) : undefined;
  return misspeltKey === undefined
    ? { role, misspeltKey }
    : { role: asString(annotations[misspeltKey]), misspeltKey };
}

import { asString, type JsonObject, own } from '../../json/json.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import { createMisspeltKeySearch, type FindMisspeltKey } from './misspelt-key.ts';
import { readPodsBeside } from './pods-beside.ts';
import type { RolePlace } from './role-place.ts';
import { findRrsa } from './rrsa.ts';
import { formatPath, type Step, type WalkedMap, walkMaps } from './walk-maps.ts';

/** An object's own metadata is no pod's, and its status is what a controller says of it. */
const UNSEARCHED_OF_ITS_OWN: ReadonlySet<string> = new Set(['metadata', 'status']);

/** What is for other objects than pods in the kinds that create them: Workflows, claims, services and ingresses. */
const OF_OTHER_OBJECTS: ReadonlySet<string> = new Set([
  'workflowMetadata',
  'volumeClaimTemplate',
  'volumeClaimTemplates',
  'serviceAnnotations',
  'headServiceAnnotations',
  'headService',
  'serveService',
  'ingressAnnotations',
]);

/** The API server's limit: what is longer is the name of no ServiceAccount, and would cost a match with every list. */
const MAX_SERVICE_ACCOUNT_CHARACTERS = 253;

/**
 * Finds the first `max` maps of an object of any kind, at any depth, that name a role by the annotation, in the order in
 * which they are written. What a template engine has still to fill in (`{{…}}`) names no role yet.
 */
export function findRolePlaces(object: unknown, max: number): readonly RolePlace[] {
  const findMisspeltKey = createMisspeltKeySearch();
  const places: RolePlace[] = [];
  for (const walked of walkMaps(object, isSearched)) {
    const place = toPlace(walked, findMisspeltKey);
    if (place !== undefined && places.push(place) === max) {
      break;
    }
  }
  return places;
}

function isSearched(key: string, { parent }: Step): boolean {
  const isOwn = parent === undefined && UNSEARCHED_OF_ITS_OWN.has(key);
  return !(isOwn || OF_OTHER_OBJECTS.has(key));
}

function toPlace({ map, keys, step }: WalkedMap, findMisspeltKey: FindMisspeltKey): RolePlace | undefined {
  const value = asString(own(map, ROLE_ANNOTATION));
  const role = value === '' || isTemplated(value) ? undefined : value;
  const misspeltKey = value === '' ? findMisspeltKey(keys) : undefined;
  if (role === undefined && misspeltKey === undefined) {
    return undefined;
  }

  const { isForPods, isTemplate, labels, spec } = readPodsBeside(step);
  return {
    path: formatPath(step),
    role,
    misspeltKey,
    isForPods,
    serviceAccount: isTemplate ? serviceAccountOf(spec) : undefined,
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
  const isName = name !== '' && name.length <= MAX_SERVICE_ACCOUNT_CHARACTERS && !isTemplated(name);
  return isName ? name : undefined;
}

function isTemplated(value: string): boolean {
  const start = value.indexOf('{{');
  return start !== -1 && value.includes('}}', start);
}

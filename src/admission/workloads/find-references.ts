import {
  asObject,
  asString,
  type JsonNode,
  type JsonObject,
  own,
  pathOf,
  walkJson,
} from '../../json/json.ts';
import { formatPath } from '../../text/problem.ts';
import type { Pod } from '../pod.ts';
import { asShortText } from '../review.ts';
import {
  createMisspeltKeySearch,
  type FindMisspeltKey,
  findRoleLabel,
  ROLE_ANNOTATION,
} from '../role-annotation.ts';
import { findRrsa, findTemplate, inferPodContext, isTemplated, ownerOfMetadata } from './pod-context.ts';

/** A map of annotations in a workload that names the role of its pods, or could. */
export type RoleReference = Readonly<{
  /** The location of the map in the object, such as `spec.template.metadata.annotations`. */
  path: string;
  /** Undefined if the map names no role, or one that cannot be evaluated yet. */
  role: string | undefined;
  /** A key of the map that was probably meant to name the role. */
  misspeltKey: string | undefined;
  /** A label that was probably meant to name the role. */
  labelKey: string | undefined;
  /** The ServiceAccount of the pods; undefined if it may be any. */
  serviceAccount: string | undefined;
  /** The pods of a built-in kind; undefined for a custom kind, of which nobody knows how it makes pods. */
  pod: Pod | undefined;
  /** How the pods get a role by RRSA as well, in words. */
  rrsa: string | undefined;
}>;

/** Annotations of a workload itself, or of a part of it that creates pods, which no pod gets. */
export type MisplacedAnnotation = Readonly<{
  path: string;
  /** Undefined if the key is right. */
  misspeltKey: string | undefined;
  role: string;
  /** Where they belong. */
  belongsIn: string;
}>;

/** What an object of a custom kind has to do with roles. */
export type FoundReferences = Readonly<{
  references: readonly RoleReference[];
  misplaced: readonly MisplacedAnnotation[];
}>;

/** An object with more references is evaluated by the first of them, so that it does not delay other requests. */
const MAX_REFERENCES = 100;

/** The status is written by a controller. */
const UNSEARCHED_AT_ROOT = 'status';

/** Fields for other objects than pods: Workflows, claims, Services and Ingresses. */
const UNSEARCHED: ReadonlySet<string> = new Set([
  'workflowMetadata',
  'volumeClaimTemplate',
  'volumeClaimTemplates',
  'serviceAnnotations',
  'headServiceAnnotations',
  'headService',
  'serveService',
  'ingressAnnotations',
]);

/** Of a longer path the end is shown. */
const MAX_PATH_KEYS = 12;

/**
 * Finds the maps in an object of a custom kind, at any depth, that name a role by the annotation, in the order in which
 * they are written: the first 100. A value with `{{…}}` names no role yet: a template engine has still to fill it in.
 *
 * @param hasOwnMetadata whether the annotations of the object itself become those of its pods
 */
export function findReferences(object: unknown, hasOwnMetadata = false): FoundReferences {
  const findMisspeltKey = createMisspeltKeySearch();
  const rrsaOf = new Map<JsonObject, string | undefined>();
  const references: RoleReference[] = [];
  const misplaced: MisplacedAnnotation[] = [];
  for (const node of walkJson(asObject(object), isSearched)) {
    const labelKey = readRoleLabel(node, findMisspeltKey);
    const named = node.parent && readNamed(node, findMisspeltKey);
    if (labelKey === undefined && (named === undefined || isOfLabels(node))) {
      continue;
    }
    const owner = ownerOfMetadata(node);
    const isItself = owner !== undefined && owner.parent === undefined;
    const template = isItself && hasOwnMetadata ? undefined : findTemplate(owner?.value);
    if (labelKey !== undefined || named === undefined) {
      references.push({ ...toReference(node, NOT_NAMED, rrsaOf), labelKey });
    } else if (owner !== undefined && template !== undefined) {
      const belongsIn = showPath([...keysOf(owner), ...template.path, 'metadata', 'annotations']);
      misplaced.push({ path: showPath(keysOf(node)), belongsIn, ...named });
    } else if (!isItself || hasOwnMetadata) {
      references.push(toReference(node, named, rrsaOf));
    }
    if (references.length + misplaced.length === MAX_REFERENCES) {
      break;
    }
  }
  return {
    references,
    misplaced: misplaced.filter((one) => !references.some((other) => isOfSamePods(one, other))),
  };
}

/** Of the object's own metadata only the annotations: its managed fields may be large. */
function isSearched(key: string, { key: parentKey, parent }: JsonNode): boolean {
  if (parent === undefined) {
    return key !== UNSEARCHED_AT_ROOT;
  }
  const isOwnMetadata = parentKey === 'metadata' && parent.parent === undefined;
  return isOwnMetadata ? key === 'annotations' : !UNSEARCHED.has(key);
}

/** Labels are no annotations, whatever key they have. */
function isOfLabels({ key }: JsonNode): boolean {
  return key === 'labels';
}

function readRoleLabel(node: JsonNode, findMisspeltKey: FindMisspeltKey): string | undefined {
  const annotations = asObject(asObject(node.parent?.value)['annotations']);
  const namesRole = asString(own(annotations, ROLE_ANNOTATION)) !== '';
  return isOfLabels(node) && !namesRole ? findRoleLabel(node.keys, findMisspeltKey) : undefined;
}

/** The role that a map names, and the key by which. */
type Named = Pick<MisplacedAnnotation, 'role' | 'misspeltKey'>;

const NOT_NAMED: Named = { role: '', misspeltKey: undefined };

function readNamed({ value, keys, key }: JsonNode, findMisspeltKey: FindMisspeltKey): Named | undefined {
  const map = asObject(value);
  const exact = asString(own(map, ROLE_ANNOTATION));
  const misspeltKey = exact === '' ? findMisspeltKey(keys, key === 'annotations') : undefined;
  const text = misspeltKey === undefined ? exact : asString(own(map, misspeltKey));
  const isNone = misspeltKey === undefined && (exact === '' || isTemplated(exact));
  return isNone ? undefined : { role: asShortText(text), misspeltKey };
}

function toReference(
  node: JsonNode,
  { role, misspeltKey }: Named,
  rrsaOf: Map<JsonObject, string | undefined>,
): RoleReference {
  const { labels, spec, source, serviceAccount } = inferPodContext(node);
  if (!rrsaOf.has(source)) {
    rrsaOf.set(source, findRrsa(labels, spec));
  }
  return {
    path: showPath(keysOf(node)),
    role: misspeltKey === undefined && role !== '' ? role : undefined,
    misspeltKey,
    labelKey: undefined,
    serviceAccount,
    pod: undefined,
    rrsa: rrsaOf.get(source),
  };
}

/** An annotation in both places has the effect that its author expects. */
function isOfSamePods({ belongsIn, role }: MisplacedAnnotation, reference: RoleReference): boolean {
  return reference.path === belongsIn && reference.role === role;
}

function keysOf(node: JsonNode): readonly (string | number)[] {
  return pathOf(node, MAX_PATH_KEYS + 1);
}

function showPath(keys: readonly (string | number)[]): string {
  return keys.length <= MAX_PATH_KEYS ? formatPath(keys) : `…${formatPath(keys.slice(-MAX_PATH_KEYS))}`;
}

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
import { createMisspeltKeySearch, type FindMisspeltKey, ROLE_ANNOTATION } from '../role-annotation.ts';
import { findRrsa, inferPodContext, isTemplated } from './pod-context.ts';

/** A map of annotations in a workload that names the role of its pods, or could. */
export type RoleReference = Readonly<{
  /** The location of the map in the object, such as `spec.template.metadata.annotations`. */
  path: string;
  /** Undefined if the map names no role, or one that cannot be evaluated yet. */
  role: string | undefined;
  /** A key of the map that was probably meant to name the role. */
  misspeltKey: string | undefined;
  /** The ServiceAccount of the pods; undefined if it may be any. */
  serviceAccount: string | undefined;
  /** The pods of a built-in kind; undefined for a custom kind, of which nobody knows how it makes pods. */
  pod: Pod | undefined;
  /** How the pods get a role by RRSA as well, in words. */
  rrsa: string | undefined;
}>;

/** An object with more references is evaluated by the first of them, so that it does not delay other requests. */
const MAX_REFERENCES = 100;

/** The metadata of the object itself belongs to no pod, and its status is written by a controller. */
const UNSEARCHED_AT_ROOT: ReadonlySet<string> = new Set(['metadata', 'status']);

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
 */
export function findReferences(object: unknown): readonly RoleReference[] {
  const findMisspeltKey = createMisspeltKeySearch();
  const rrsaOf = new Map<JsonObject, string | undefined>();
  const references: RoleReference[] = [];
  for (const node of walkJson(asObject(object), isSearched)) {
    const reference = node.parent && readReference(node, findMisspeltKey, rrsaOf);
    if (reference !== undefined && references.push(reference) === MAX_REFERENCES) {
      break;
    }
  }
  return references;
}

function isSearched(key: string, { parent }: JsonNode): boolean {
  const isUnsearchedAtRoot = parent === undefined && UNSEARCHED_AT_ROOT.has(key);
  return !(isUnsearchedAtRoot || UNSEARCHED.has(key));
}

function readReference(
  node: JsonNode,
  findMisspeltKey: FindMisspeltKey,
  rrsaOf: Map<JsonObject, string | undefined>,
): RoleReference | undefined {
  const value = asString(own(asObject(node.value), ROLE_ANNOTATION));
  const role = value === '' || isTemplated(value) ? undefined : asShortText(value);
  const misspeltKey = value === '' ? findMisspeltKey(node.keys) : undefined;
  if (role === undefined && misspeltKey === undefined) {
    return undefined;
  }

  const { labels, spec, source, serviceAccount } = inferPodContext(node);
  if (!rrsaOf.has(source)) {
    rrsaOf.set(source, findRrsa(labels, spec));
  }
  return {
    path: showPath(node),
    role,
    misspeltKey,
    serviceAccount,
    pod: undefined,
    rrsa: rrsaOf.get(source),
  };
}

function showPath(node: JsonNode): string {
  const keys = pathOf(node, MAX_PATH_KEYS + 1);
  const isWhole = keys.length <= MAX_PATH_KEYS;
  return isWhole ? formatPath(keys) : `…${formatPath(keys.slice(1))}`;
}

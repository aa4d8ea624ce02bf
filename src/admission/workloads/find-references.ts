import {
  asObject,
  asString,
  isObject,
  type JsonNode,
  type JsonObject,
  own,
  pathOf,
  walkJson,
} from '../../json/json.ts';
import { MAX_OBJECT_NAME_LENGTH } from '../../policy/names.ts';
import { formatPath } from '../../text/problem.ts';
import { createMisspeltKeySearch, type FindMisspeltKey } from '../misspelt-key.ts';
import type { Pod } from '../pod.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import { asShortText } from '../short-text.ts';
import { findRrsa } from './rrsa.ts';

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

/** The labels and the spec of the pods that a map of annotations is for, as far as they are known. */
type PodContext = Readonly<{
  labels: JsonObject;
  spec: JsonObject;
  /** The object that the spec was read from: a hundred maps of one object are searched once. */
  source: JsonObject;
  serviceAccount: string | undefined;
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

/**
 * Infers the pods of a map from what stands beside it. `metadata.annotations` beside a `spec` with containers is a pod
 * template; beside another `spec` it belongs to a Job or a claim, and its pods are not known.
 */
function inferPodContext({ key, parent }: JsonNode): PodContext {
  const owner = asObject(parent?.value);
  const isMetadata = key === 'annotations' && parent?.key === 'metadata';
  const holder = isMetadata ? asObject(parent.parent?.value) : owner;
  const spec = isMetadata ? own(holder, 'spec') : undefined;
  const labels = asObject(owner['labels']);
  if (!isObject(spec)) {
    return { labels, spec: specOfPart(holder), source: holder, serviceAccount: undefined };
  }
  return Object.hasOwn(spec, 'containers')
    ? { labels, spec, source: spec, serviceAccount: readServiceAccount(spec) }
    : { labels: {}, spec: {}, source: spec, serviceAccount: undefined };
}

/** Reads a part that has the fields of a pod: the driver of a SparkApplication has `env`, a template of a Workflow `container` or `script`. */
function specOfPart(part: JsonObject): JsonObject {
  const { container, script, initContainers, volumes } = part;
  return { containers: [part, container, script], initContainers, volumes };
}

/**
 * Reads the ServiceAccount that a template names, by the field or its deprecated alias. If it names none, its pods need
 * not run as `default`: the driver of a SparkApplication has a field for it beside the template.
 */
function readServiceAccount(spec: JsonObject): string | undefined {
  const name = asString(spec['serviceAccountName']) || asString(spec['serviceAccount']);
  // A longer value names no ServiceAccount, and would cost a match with every allowlist.
  const isName = name !== '' && name.length <= MAX_OBJECT_NAME_LENGTH && !isTemplated(name);
  return isName ? name : undefined;
}

function isTemplated(value: string): boolean {
  const start = value.indexOf('{{');
  return start !== -1 && value.includes('}}', start);
}

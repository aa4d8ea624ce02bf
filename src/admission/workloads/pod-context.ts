import {
  asArray,
  asObject,
  asString,
  isObject,
  type JsonNode,
  type JsonObject,
  own,
} from '../../json/json.ts';
import { MAX_OBJECT_NAME_LENGTH } from '../../policy/names.ts';

/** The labels and the spec of the pods that a map of annotations is for, as far as they are known. */
type PodContext = Readonly<{
  labels: JsonObject;
  spec: JsonObject;
  /** The object that the spec was read from: a hundred maps of one object are searched once. */
  source: JsonObject;
  serviceAccount: string | undefined;
}>;

const TEMPLATE = ['spec', 'template'];

/** Where an object that creates pods has its pod template: a workload, and one that creates Jobs. */
const TEMPLATES = [TEMPLATE, ['spec', 'jobTemplate', ...TEMPLATE]];

/** The object whose metadata a map of annotations is in; undefined if it is in no metadata. */
export function ownerOfMetadata({ key, parent }: JsonNode): JsonNode | undefined {
  return key === 'annotations' && parent?.key === 'metadata' ? parent.parent : undefined;
}

/** Finds the pod template of an object; undefined if it has none, as a pod template itself. */
export function findTemplate(
  object: unknown,
): Readonly<{ path: readonly string[]; spec: JsonObject }> | undefined {
  for (const path of TEMPLATES) {
    const spec = asObject(at(object, path))['spec'];
    if (isObject(spec)) {
      return { path, spec };
    }
  }
  return undefined;
}

/** The value at a path of keys; undefined if there is none. */
export function at(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => asObject(value)[key], object);
}

/**
 * Infers the pods of a map from what stands beside it. `metadata.annotations` beside a `spec` is a pod template, with or
 * without containers, or the metadata of an object that has one.
 */
export function inferPodContext(node: JsonNode): PodContext {
  const owner = ownerOfMetadata(node);
  const beside = asObject(node.parent?.value);
  const labels = asObject(beside['labels']);
  const holder = owner === undefined ? beside : asObject(owner.value);
  const spec = owner && (findTemplate(holder)?.spec ?? own(holder, 'spec'));
  return isObject(spec)
    ? { labels, spec, source: spec, serviceAccount: readServiceAccount(spec) }
    : { labels, spec: specOfPart(holder), source: holder, serviceAccount: undefined };
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

/** Whether a template engine has still to fill in a value. */
export function isTemplated(value: string): boolean {
  const start = value.indexOf('{{');
  return start !== -1 && value.includes('}}', start);
}

/** What the RRSA webhook sets, and what Alibaba Cloud's SDKs read. */
const VARIABLES = [
  'ALIBABA_CLOUD_ROLE_ARN',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
];
const TOKEN_AUDIENCE = 'sts.aliyuncs.com';
const INJECTION_LABEL = 'pod-identity.alibabacloud.com/injection';

/**
 * Finds what shows that a pod gets a role by RRSA (RAM Roles for Service Accounts), in words; undefined where nothing
 * does. What its ServiceAccount and its namespace add is not seen here.
 */
export function findRrsa(labels: JsonObject, spec: JsonObject): string | undefined {
  const variable = findVariable(spec['containers']) ?? findVariable(spec['initContainers']);
  if (variable !== undefined) {
    return `environment variable ${variable}`;
  }
  if (own(labels, INJECTION_LABEL) === 'on') {
    return `label ${INJECTION_LABEL}`;
  }
  return asArray(spec['volumes']).some(holdsToken) ? `a token volume for ${TOKEN_AUDIENCE}` : undefined;
}

function findVariable(containers: unknown): string | undefined {
  for (const container of asArray(containers)) {
    const variable = asArray(asObject(container)['env']).find(isVariable);
    if (variable !== undefined) {
      return asString(asObject(variable)['name']);
    }
  }
  return undefined;
}

function isVariable(entry: unknown): boolean {
  return VARIABLES.includes(asString(asObject(entry)['name']));
}

function holdsToken(volume: unknown): boolean {
  return asArray(asObject(asObject(volume)['projected'])['sources']).some(
    (source) => asObject(asObject(source)['serviceAccountToken'])['audience'] === TOKEN_AUDIENCE,
  );
}

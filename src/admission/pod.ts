import { asObject, asString, isObject, type JsonObject, own } from '../json/json.ts';
import type { Labels } from '../policy/label-selector.ts';
import type { Subject } from '../policy/subject.ts';
import { describeValue, failure, type Problem, type Result, success } from '../text/problem.ts';
import { hasEciMarker, isEciNamespace } from './eci-marker.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';

const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';
const ANNOTATIONS_PATH = ['metadata', 'annotations'];
const DEFAULT_SERVICE_ACCOUNT = 'default';

/** A pod as the rules see it. */
export type Pod = Readonly<{
  /** Empty where the API server has still to generate it. */
  name: string;
  generateName: string;
  /** Undefined where the annotation is absent or empty: both name no role. */
  requestedRole: string | undefined;
  /** Tells whether there is a map to hold the annotation; null is none. */
  hasAnnotations: boolean;
  serviceAccount: string;
  hasEciMarker: boolean;
  isMirrorPod: boolean;
}>;

/** Parses the object of a pod's creation. Labels and spec may be as odd as they like; metadata and annotations may not. */
export function parsePod(object: unknown): Result<Pod, Problem> {
  if (!isObject(object)) {
    return expected(['object'], 'a pod', object);
  }
  const metadata = object['metadata'];
  if (!isObject(metadata)) {
    return expected(['metadata'], 'an object', metadata);
  }
  const annotations = metadata['annotations'] ?? undefined;
  if (annotations !== undefined && !isObject(annotations)) {
    return expected(ANNOTATIONS_PATH, 'a map of strings', annotations);
  }
  const key = annotations && findOtherThanText(annotations);
  if (key !== undefined) {
    return expected([...ANNOTATIONS_PATH, key], 'a string', annotations?.[key]);
  }
  return success(toPod(metadata, annotations, asObject(object['spec'])));
}

function expected(path: readonly string[], expected: string, value: unknown) {
  return failure({ path, expected, found: describeValue(value) });
}

/** By keys: to list the values of a large map takes longer than to read them. */
function findOtherThanText(map: JsonObject): string | undefined {
  return Object.keys(map).find((key) => typeof map[key] !== 'string');
}

function toPod(metadata: JsonObject, annotations: JsonObject | undefined, spec: JsonObject): Pod {
  const map = annotations ?? {};
  return {
    name: asString(metadata['name']),
    generateName: asString(metadata['generateName']),
    requestedRole: asString(own(map, ROLE_ANNOTATION)) || undefined,
    hasAnnotations: annotations !== undefined,
    serviceAccount: asString(spec['serviceAccountName']) || DEFAULT_SERVICE_ACCOUNT,
    hasEciMarker: hasEciMarker(asObject(metadata['labels']), map, spec),
    isMirrorPod: Object.hasOwn(map, MIRROR_POD_ANNOTATION),
  };
}

/** What the rules need to know of a pod in a namespace with these labels. */
export function toSubject(pod: Pod, namespace: string, labels: Labels | undefined): Subject {
  return {
    namespace,
    namespaceLabels: labels,
    serviceAccount: pod.serviceAccount,
    requestedRole: pod.requestedRole,
    hasEciMarker: pod.hasEciMarker || (labels !== undefined && isEciNamespace(labels)),
    isMirrorPod: pod.isMirrorPod,
  };
}

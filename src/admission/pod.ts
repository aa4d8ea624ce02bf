import { asObject, isObject, type JsonObject, own } from '../json/json.ts';
import type { Labels } from '../policy/label-selector.ts';
import type { Subject } from '../policy/subject.ts';
import { describeValue, failure, type Problem, type Result, success } from '../text/problem.ts';
import { hasEciMarker, isEciNamespace } from './eci-marker.ts';
import { asShortText } from './review.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';

const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';
const ANNOTATIONS_PATH = ['metadata', 'annotations'];
const DEFAULT_SERVICE_ACCOUNT = 'default';

/** The parts of a pod that a decision uses. */
export type Pod = Readonly<{
  /** Empty if the API server has not generated it yet. */
  name: string;
  generateName: string;
  /** Undefined if the annotation is absent or empty: both name no role. */
  requestedRole: string | undefined;
  /** Whether there is a map of annotations; false if it is null. */
  hasAnnotations: boolean;
  serviceAccount: string;
  hasEciMarker: boolean;
  isMirrorPod: boolean;
}>;

/**
 * Parses a pod. Fails only if its metadata or annotations have a wrong type; wrong parts of labels and spec are
 * ignored.
 */
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

/** By keys, because Object.values of a large map takes longer than the check of its values. */
function findOtherThanText(map: JsonObject): string | undefined {
  return Object.keys(map).find((key) => typeof map[key] !== 'string');
}

function toPod(metadata: JsonObject, annotations: JsonObject | undefined, spec: JsonObject): Pod {
  const map = annotations ?? {};
  return {
    name: asShortText(metadata['name']),
    generateName: asShortText(metadata['generateName']),
    requestedRole: asShortText(own(map, ROLE_ANNOTATION)) || undefined,
    hasAnnotations: annotations !== undefined,
    serviceAccount: asShortText(spec['serviceAccountName']) || DEFAULT_SERVICE_ACCOUNT,
    hasEciMarker: hasEciMarker(asObject(metadata['labels']), map, spec),
    isMirrorPod: Object.hasOwn(map, MIRROR_POD_ANNOTATION),
  };
}

/** Builds the subject of a pod; the labels of its namespace are undefined if the namespace is not known yet. */
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

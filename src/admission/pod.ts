import { asObject, asString, isObject, type JsonObject, own } from '../json/json.ts';
import type { Labels } from '../policy/label-selector.ts';
import { buildSubject, type Subject } from '../policy/subject.ts';
import { failure, type Result, success } from '../text/problem.ts';
import { hasEciMarker, isEciNamespace } from './eci-marker.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';

const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';
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
export function parsePod(object: unknown): Result<Pod, string> {
  if (!isObject(object)) {
    return failure('object: expected a pod');
  }
  const metadata = object['metadata'];
  if (!isObject(metadata)) {
    return failure('metadata: expected an object');
  }
  const annotations = metadata['annotations'] ?? undefined;
  if (annotations !== undefined && !isObject(annotations)) {
    return failure('metadata.annotations: expected a map of strings');
  }
  if (annotations !== undefined && !areTexts(annotations)) {
    return failure('metadata.annotations: expected every value to be a string');
  }
  return success(toPod(metadata, annotations, asObject(object['spec'])));
}

/** By keys: a list of the values of a large map takes longer to make than to look through. */
function areTexts(map: JsonObject): boolean {
  return Object.keys(map).every((key) => typeof map[key] === 'string');
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
  return buildSubject({
    namespace,
    namespaceLabels: labels,
    serviceAccount: pod.serviceAccount,
    requestedRole: pod.requestedRole,
    hasEciMarker: pod.hasEciMarker || (labels !== undefined && isEciNamespace(labels)),
    isMirrorPod: pod.isMirrorPod,
  });
}

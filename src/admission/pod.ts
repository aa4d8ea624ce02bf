import { asObject, isObject, type JsonObject, own } from '../policy/json-object.ts';
import { hasEciMarker } from './eci-marker.ts';
import { asString } from './json.ts';
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

/** A pod, or what makes it one that no API server would send. */
export type ParsedPod =
  | Readonly<{ pod: Pod; malformed?: never }>
  | Readonly<{ pod?: never; malformed: string }>;

/** Parses the object of a pod's creation. Labels and spec may be as odd as they like; metadata and annotations may not. */
export function parsePod(object: unknown): ParsedPod {
  if (!isObject(object)) {
    return { malformed: 'object: expected a pod' };
  }
  const metadata = object['metadata'];
  if (!isObject(metadata)) {
    return { malformed: 'metadata: expected an object' };
  }
  const annotations = metadata['annotations'] ?? undefined;
  if (annotations !== undefined && !isObject(annotations)) {
    return { malformed: 'metadata.annotations: expected a map of texts' };
  }
  if (annotations !== undefined && !areTexts(annotations)) {
    return { malformed: 'metadata.annotations: expected every value to be a text' };
  }
  return { pod: toPod(metadata, annotations, asObject(object['spec'])) };
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

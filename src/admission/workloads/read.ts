import { isSameJson } from '../../json/equal.ts';
import { asArray, asObject, asString, isObject, type JsonObject, own } from '../../json/json.ts';
import { parsePod } from '../pod.ts';
import { type AdmissionRequest, asShortText } from '../review.ts';
import {
  createMisspeltKeySearch,
  type FindMisspeltKey,
  findRoleLabel,
  ROLE_ANNOTATION,
} from '../role-annotation.ts';
import { findReferences, type MisplacedAnnotation, type RoleReference } from './find-references.ts';
import { at, findRrsa } from './pod-context.ts';

/** A workload that is created, or updated in a part that bears on the roles of its pods. */
export type WorkloadChange = Readonly<{
  namespace: string;
  /** Such as `Deployment`. */
  kind: string;
  after: Workload;
  /** Undefined if the workload is created. */
  before: Workload | undefined;
}>;

/** An object that creates pods. */
export type Workload = Readonly<{
  references: readonly RoleReference[];
  misplaced: readonly MisplacedAnnotation[];
  /** The part of the object that bears on the roles of its pods; undefined after it was compared. */
  relevant: unknown;
}>;

const TEMPLATE = ['spec', 'template'];
const BUILT_IN_TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['apps/deployments', TEMPLATE],
  ['apps/statefulsets', TEMPLATE],
  ['apps/daemonsets', TEMPLATE],
  ['apps/replicasets', TEMPLATE],
  ['/replicationcontrollers', TEMPLATE],
  ['batch/jobs', TEMPLATE],
  ['batch/cronjobs', ['spec', 'jobTemplate', ...TEMPLATE]],
]);

/** Pods belong to these, and get none of their annotations. */
const IDENTITIES = ['namespaces', 'serviceaccounts'];

/** The other kinds of these groups create no pods from a template. */
const BUILT_IN_GROUPS = ['', 'apps', 'batch'];

/** The objects above a pod template, whose annotations no pod gets. */
const ABOVE_TEMPLATE = [[], ['spec', 'jobTemplate']];

/**
 * Reads a request that creates or updates a workload, with the kinds whose own annotations become those of their pods; undefined for any other request. Skips an object that has a
 * controller, since its owner is checked, an object that is being deleted, and a cluster-scoped object, whose pods may
 * be in any namespace.
 */
export function parseWorkloadChange(
  request: AdmissionRequest,
  ownMetadataKinds: readonly string[] = [],
): WorkloadChange | undefined {
  const { operation, resource, subresource, namespace, kind, object, oldObject } = request;
  const isUpdate = operation === 'UPDATE';
  const isOfPods = namespace !== '' || isIdentity(resource);
  if (!(isUpdate || operation === 'CREATE') || subresource !== '' || !isOfPods) {
    return undefined;
  }
  const metadata = asObject(asObject(object)['metadata']);
  if (asString(metadata['deletionTimestamp']) !== '' || hasController(metadata['ownerReferences'])) {
    return undefined;
  }

  const after = readWorkload(resource, object, ownMetadataKinds);
  const before = isUpdate ? readWorkload(resource, oldObject, ownMetadataKinds) : undefined;
  if (after === undefined || (before !== undefined && isSameJson(after.relevant, before.relevant))) {
    return undefined;
  }
  return { namespace, kind, after: withoutParts(after), before: before && withoutParts(before) };
}

/** A change that waits for an allowlist must not keep its object in memory. */
function withoutParts(workload: Workload): Workload {
  return { ...workload, relevant: undefined };
}

/** Reads an object of any shape by its resource; undefined if the resource creates no pods. */
export function readWorkload(
  { group, resource }: AdmissionRequest['resource'],
  object: unknown,
  ownMetadataKinds: readonly string[] = [],
): Workload | undefined {
  const templatePath = BUILT_IN_TEMPLATES.get(`${group}/${resource}`);
  if (templatePath !== undefined) {
    return readBuiltInKind(templatePath, object);
  }
  if (isIdentity({ group, resource })) {
    return readIdentity(object);
  }
  return BUILT_IN_GROUPS.includes(group)
    ? undefined
    : readCustomKind(object, ownMetadataKinds.includes(`${resource}.${group}`));
}

function isIdentity({ group, resource }: Pick<AdmissionRequest['resource'], 'group' | 'resource'>): boolean {
  return group === '' && IDENTITIES.includes(resource);
}

function readIdentity(object: unknown): Workload {
  const named = readMisplaced(metadataAnnotationsOf(object), createMisspeltKeySearch());
  const belongsIn = 'metadata.annotations of its pods';
  const misplaced = named.role === '' ? [] : [{ path: 'metadata.annotations', belongsIn, ...named }];
  return { references: [], misplaced, relevant: misplaced };
}

function metadataAnnotationsOf(object: unknown): JsonObject {
  return asObject(at(object, ['metadata', 'annotations']));
}

/** The pod template of a workload of a built-in kind, and its path; undefined for any other object. */
export function findPodTemplate(
  { group, resource }: AdmissionRequest['resource'],
  object: unknown,
): Readonly<{ path: readonly string[]; template: JsonObject }> | undefined {
  const path = BUILT_IN_TEMPLATES.get(`${group}/${resource}`);
  const template = path && at(object, path);
  return path !== undefined && isObject(template) ? { path, template } : undefined;
}

function readBuiltInKind(templatePath: readonly string[], object: unknown): Workload {
  const template = at(object, templatePath);
  const belongsIn = `${templatePath.join('.')}.metadata.annotations`;
  const findMisspeltKey = createMisspeltKeySearch();
  const reference = isObject(template) ? readPodTemplate(template, belongsIn, findMisspeltKey) : undefined;
  const misplaced = ABOVE_TEMPLATE.map((path) => [...path, 'metadata', 'annotations'])
    .map((path) => ({
      path: path.join('.'),
      belongsIn,
      ...readMisplaced(asObject(at(object, path)), findMisspeltKey),
    }))
    .filter(({ role }) => role !== '');
  return {
    references: reference === undefined ? [] : [reference],
    misplaced: misplaced.filter(({ role }) => role !== reference?.role),
    relevant: [template ?? null, misplaced],
  };
}

/** Undefined if no API server would accept the annotations of the template. */
function readPodTemplate(
  template: JsonObject,
  path: string,
  findMisspeltKey: FindMisspeltKey,
): RoleReference | undefined {
  const metadata = asObject(template['metadata']);
  const spec = asObject(template['spec']);
  const parsed = parsePod({ metadata, spec });
  if (!parsed.ok) {
    return undefined;
  }
  const pod = parsed.value;
  const { requestedRole: role, serviceAccount } = pod;
  const keys = role === undefined ? Object.keys(asObject(metadata['annotations'])) : [];
  const rrsa = findRrsa(asObject(metadata['labels']), spec);
  const labels = role === undefined ? Object.keys(asObject(metadata['labels'])) : [];
  const labelKey = findRoleLabel(labels, findMisspeltKey);
  return { path, role, misspeltKey: findMisspeltKey(keys), labelKey, serviceAccount, pod, rrsa };
}

function readMisplaced(
  annotations: JsonObject,
  findMisspeltKey: FindMisspeltKey,
): Pick<MisplacedAnnotation, 'role' | 'misspeltKey'> {
  const role = asShortText(own(annotations, ROLE_ANNOTATION));
  const misspeltKey = role === '' ? findMisspeltKey(Object.keys(annotations)) : undefined;
  return misspeltKey === undefined
    ? { role, misspeltKey }
    : { role: asShortText(annotations[misspeltKey]), misspeltKey };
}

function readCustomKind(object: unknown, hasOwnMetadata: boolean): Workload {
  const { references, misplaced } = findReferences(object, hasOwnMetadata);
  const relevant = [
    ...references.map(({ path, role, misspeltKey, labelKey, serviceAccount }) => [
      withoutIndexes(path),
      ...[role, misspeltKey, labelKey, serviceAccount],
    ]),
    ...misplaced.map(({ path, role, misspeltKey }) => [withoutIndexes(path), role, misspeltKey]),
  ];
  return { references, misplaced, relevant };
}

/** An index changes when other members of the array come and go. */
function withoutIndexes(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[]');
}

function hasController(ownerReferences: unknown): boolean {
  return asArray(ownerReferences).some((owner) => asObject(owner)['controller'] === true);
}

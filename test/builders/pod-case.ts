import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import type { Phase } from '../../src/admission/decision.ts';
import { type AdmissionRequest, parseReview } from '../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';
import { asObject, isObject, own } from '../../src/json/json.ts';
import type { PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import { parseAllowlist } from '../../src/policy/schema/parse.ts';
import { type CaseFile, type Expectation, parseCaseFile } from './case-file.ts';
import { deepFreeze } from './deep-freeze.ts';

const FOLDER = new URL('../cases/', import.meta.url);

/** A case: a review, the allowlists and settings that it meets, and what is expected of both phases. All is frozen. */
export type PodCase = Readonly<{
  path: string;
  uid: string;
  name: string;
  review: unknown;
  request: AdmissionRequest;
  /** The role that the pod names; empty if it names none. */
  requestedRole: string;
  allowlists: readonly Allowlist[];
  settings: PolicySettings;
  /** In milliseconds since the epoch. */
  now: number;
  expected: Readonly<Record<Phase, Expectation>>;
}>;

/** Where the cases are, below `test/cases/` and without their ending, sorted. */
export const podCasePaths: readonly string[] = globSync('**/*.yaml', { cwd: FOLDER })
  .map((path) => path.replace(/\.yaml$/, ''))
  .sort();

/** Reads the case at a path such as `default-role/exact-before-glob`. */
export function readPodCase(path: string): PodCase {
  const file = new URL(`${path}.yaml`, FOLDER);
  const given = parseCaseFile(readFileSync(file, 'utf8'), `test/cases/${path}.yaml`);
  const review =
    given.recorded === undefined
      ? buildReview(path, given)
      : JSON.parse(readFileSync(new URL(given.recorded, file), 'utf8'));
  const request = parseReview(deepFreeze(review));
  const annotations = asObject(asObject(asObject(request.object)['metadata'])['annotations']);
  const role = own(annotations, ROLE_ANNOTATION);
  return deepFreeze({
    path,
    uid: review.request.uid,
    name: given.name,
    review,
    request,
    requestedRole: typeof role === 'string' ? role : '',
    allowlists: given.allowlists.map(toAllowlist),
    settings: given.settings,
    now: Date.parse(given.now),
    expected: { mutate: given.mutate, validate: given.validate },
  });
}

/** The creation of a minimal valid pod, but for what the case says otherwise. */
function buildReview(path: string, { namespace = 'payments', pod = {}, without = [], ...given }: CaseFile) {
  const { role, labels, annotations = {}, serviceAccount = 'default', metadata, spec } = pod;
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: changed(
      {
        name: 'api',
        namespace,
        ...('labels' in pod && { labels }),
        ...(('annotations' in pod || 'role' in pod) && {
          annotations: 'role' in pod ? changed({ [ROLE_ANNOTATION]: role }, annotations) : annotations,
        }),
      },
      metadata,
    ),
    spec: changed(
      { serviceAccountName: serviceAccount, containers: [{ name: 'api', image: 'api:1' }] },
      spec,
    ),
  };
  const request = {
    uid: `uid of ${path}`,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: 'api',
    namespace,
    operation: 'CREATE',
    object: 'object' in given ? given.object : object,
    oldObject: null,
    dryRun: false,
    ...given.request,
  };
  for (const leftOut of without) {
    deleteAt(request, leftOut.split('.'));
  }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

/** An object with the keys of another beside and over its own; whatever else there is takes its place. */
function changed(object: object, change: unknown): unknown {
  if (change === undefined) {
    return object;
  }
  // By definition, not by assignment: a case may have a key `__proto__`.
  return isObject(change)
    ? Object.fromEntries([...Object.entries(object), ...Object.entries(change)])
    : change;
}

function deleteAt(object: object, path: readonly string[]): void {
  const [key = '', ...rest] = path;
  assert.ok(Object.hasOwn(object, key), `there is no ${key} to leave out`);
  if (rest.length === 0) {
    Reflect.deleteProperty(object, key);
    return;
  }
  deleteAt(asObject(Reflect.get(object, key)), rest);
}

function toAllowlist({ name, ...spec }: CaseFile['allowlists'][number]): Allowlist {
  const parsed = parseAllowlist({
    apiVersion: 'eci-ram-role.io/v1alpha1',
    kind: 'RamRoleAllowlist',
    metadata: { name },
    spec,
  });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

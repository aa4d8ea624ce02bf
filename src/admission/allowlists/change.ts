import { isSameJson } from '../../json/equal.ts';
import { asArray, asObject, own } from '../../json/json.ts';
import { isGlob } from '../../policy/glob.ts';
import { isNamespacePattern } from '../../policy/names.ts';
import { type Allowlist, KIND } from '../../policy/schema/allowlist.ts';
import { type AllowlistProblems, parseAllowlist } from '../../policy/schema/parse.ts';
import type { Result } from '../../text/problem.ts';
import type { AdmissionRequest } from '../review.ts';

/** An allowlist that is created or changed. */
export type AllowlistChange = Readonly<{
  after: Result<Allowlist, AllowlistProblems>;
  /** The namespaces that it named exactly before the change; none if it is created. */
  namespacesBefore: readonly string[];
}>;

/** Reads the change of an allowlist; undefined if the request is about something else or does not change the spec. */
export function parseAllowlistChange(request: AdmissionRequest): AllowlistChange | undefined {
  const { operation, resource, subresource, object, oldObject } = request;
  const isOfAllowlist = resource.group === GROUP && resource.resource === RESOURCE && subresource === '';
  if (!isOfAllowlist || !(operation === 'CREATE' || operation === 'UPDATE')) {
    return undefined;
  }
  const isDeleting = typeof own(metadataOf(object), 'deletionTimestamp') === 'string';
  const isUpdate = operation === 'UPDATE';
  if (isDeleting || (isUpdate && isSameJson(specOf(object), specOf(oldObject)))) {
    return undefined;
  }

  return {
    after: parseAllowlist(object, MAX_SHOWN_PROBLEMS),
    namespacesBefore: isUpdate ? exactNamespacesOf(specOf(oldObject)) : [],
  };
}

const GROUP = 'eci-ram-role.io';
const RESOURCE = `${KIND.toLowerCase()}s`;

/** The status of the allowlist shows further problems. */
const MAX_SHOWN_PROBLEMS = 3;

/** Bounds the work for an old object that another schema accepted; ours accepts no more namespaces. */
const MAX_NAMESPACES_BEFORE = 256;

function exactNamespacesOf(spec: unknown): readonly string[] {
  return asArray(own(asObject(spec), 'namespaces'))
    .slice(0, MAX_NAMESPACES_BEFORE)
    .filter(isNamespacePattern)
    .filter((namespace) => !isGlob(namespace));
}

function metadataOf(value: unknown) {
  return asObject(own(asObject(value), 'metadata'));
}

function specOf(value: unknown): unknown {
  return own(asObject(value), 'spec');
}

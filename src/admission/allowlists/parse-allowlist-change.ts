import { isSameJson } from '../../json/equal.ts';
import { asObject, asString, own } from '../../json/json.ts';
import { type Allowlist, KIND } from '../../policy/schema/allowlist.ts';
import { denyOnlyFallback } from '../../policy/schema/fallback.ts';
import { parseAllowlist } from '../../policy/schema/parse.ts';
import type { Problem } from '../../text/problem.ts';
import type { AdmissionRequest } from '../review.ts';

/** An allowlist that is being created or changed, as far as it counts. */
export type AllowlistChange = Readonly<{
  /** Undefined where it is being created. */
  before: Allowlist | undefined;
  after: Allowlist;
  /** Why it will not be accepted, as far as it is told; empty where it will. */
  problems: readonly Problem[];
  /** How many more problems there are. */
  more: number;
}>;

/** Reads the change of a list, undefined where the request is none such or changes nothing that a list says. */
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

  // An update keeps the name, whatever the old object says.
  const name = asString(own(metadataOf(object), 'name')) || request.name;
  const { allowlist, problems = [], more = 0 } = parseAllowlist(object, MAX_TOLD_PROBLEMS);
  return {
    before: isUpdate ? toAllowlist(parseAllowlist(oldObject, 0).allowlist, name, oldObject) : undefined,
    after: toAllowlist(allowlist, name, object),
    problems,
    more,
  };
}

const GROUP = 'eci-ram-role.io';
const RESOURCE = `${KIND.toLowerCase()}s`;

/** Whoever has many things wrong in a list finds the rest in its status, one after the other. */
const MAX_TOLD_PROBLEMS = 3;

function toAllowlist(parsed: Allowlist | undefined, name: string, object: unknown): Allowlist {
  return parsed === undefined ? denyOnlyFallback(name, specOf(object)) : { ...parsed, name };
}

function metadataOf(value: unknown) {
  return asObject(own(asObject(value), 'metadata'));
}

function specOf(value: unknown): unknown {
  return own(asObject(value), 'spec');
}

import { asObject, asString, isObject, type JsonObject } from '../json/json.ts';
import { cut } from '../text/printable.ts';
import type { Decision } from './decision.ts';

const API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

/** The fields of an AdmissionRequest that a decision and its log line need. */
export type AdmissionRequest = Readonly<{
  uid: string;
  /** Empty if the request names none. */
  namespace: string;
  operation: string;
  resource: Readonly<{ group: string; resource: string }>;
  /** The kind of the object, such as `Deployment`; empty if the request names none. */
  kind: string;
  /** Empty if the request is for the resource itself. */
  subresource: string;
  dryRun: boolean;
  /** The name of the object, or of the owner of a subresource; empty if the API server has not generated it yet. */
  name: string;
  /** The object as it arrived, of any type. */
  object: unknown;
  /** The object as it was before an UPDATE or DELETE, of any type. */
  oldObject: unknown;
}>;

/** No name of Kubernetes or RAM is as long, so that a longer value is as wrong as its beginning. */
const MAX_TEXT_LENGTH = 2_048;

/** The body is not an AdmissionReview that can be answered; the message gives the caller the reason. */
export class InvalidReviewError extends Error {
  override name = 'InvalidReviewError';
}

/**
 * Parses an AdmissionReview v1. Checks only its envelope: a request with an object of any form gets a decision.
 *
 * @throws {InvalidReviewError} if the body is not an AdmissionReview v1 or has no uid that can be repeated in the answer
 */
export function parseReview(body: unknown): AdmissionRequest {
  if (!isObject(body)) {
    throw new InvalidReviewError('expected an AdmissionReview, found no JSON object');
  }
  if (body['apiVersion'] !== API_VERSION || body['kind'] !== KIND) {
    throw new InvalidReviewError(`expected apiVersion ${API_VERSION} and kind ${KIND}, found others`);
  }

  const request = body['request'];
  if (!isObject(request)) {
    throw new InvalidReviewError('request: expected an object, found none');
  }
  const uid = asString(request['uid']);
  if (uid === '') {
    throw new InvalidReviewError('request.uid: expected a text that is not empty, found none');
  }
  if (uid.length > MAX_TEXT_LENGTH) {
    throw new InvalidReviewError(`request.uid: expected up to ${MAX_TEXT_LENGTH} characters, found more`);
  }
  return toRequest(uid, request);
}

function toRequest(uid: string, request: JsonObject): AdmissionRequest {
  const resource = asObject(request['resource']);
  return {
    uid,
    namespace: asShortText(request['namespace']),
    operation: asShortText(request['operation']),
    resource: { group: asShortText(resource['group']), resource: asShortText(resource['resource']) },
    kind: asShortText(asObject(request['kind'])['kind']),
    subresource: asShortText(request['subResource']),
    dryRun: request['dryRun'] === true,
    name: asShortText(request['name']),
    object: request['object'],
    oldObject: request['oldObject'],
  };
}

/** A text that is compared, searched or shown, as far as it is read; empty if the value is no text. */
export function asShortText(value: unknown): string {
  return cut(asString(value), MAX_TEXT_LENGTH);
}

/** The answer to an AdmissionReview v1, as the API server reads it. */
export type AdmissionReviewResponse = Readonly<{
  apiVersion: typeof API_VERSION;
  kind: typeof KIND;
  response: Readonly<{
    uid: string;
    allowed: boolean;
    status?: Readonly<{ status: 'Failure'; code: number; reason: string; message: string }>;
    patchType?: 'JSONPatch';
    patch?: string;
    warnings?: readonly string[];
    auditAnnotations?: Readonly<Record<string, string>>;
  }>;
}>;

/** Builds the answer to the request with this uid. A patch always has a type, and no type is without a patch. */
export function buildResponse(uid: string, decision: Decision): AdmissionReviewResponse {
  const { denial, patch, warnings, auditAnnotations } = decision;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    response: {
      uid,
      allowed: denial === undefined,
      ...(denial && { status: { status: 'Failure', ...denial } }),
      ...(patch.length > 0 && { patchType: 'JSONPatch', patch: encodePatch(patch) }),
      ...(warnings.length > 0 && { warnings }),
      ...(Object.keys(auditAnnotations).length > 0 && { auditAnnotations }),
    },
  };
}

/** Base64 of the operations' JSON, which is ASCII: it holds only role names and our own paths. */
function encodePatch(patch: Decision['patch']): string {
  return btoa(JSON.stringify(patch));
}

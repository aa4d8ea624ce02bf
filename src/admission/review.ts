import { asObject, asString, isObject, type JsonObject } from '../json/json.ts';

const API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

/** The few fields of an AdmissionRequest that a decision and its log line need. */
export type AdmissionRequest = Readonly<{
  uid: string;
  /** Empty where the request names none. */
  namespace: string;
  operation: string;
  resource: Readonly<{ group: string; resource: string }>;
  /** The kind of the object, such as `Deployment`; empty where the request names none. */
  kind: string;
  /** Empty where the request is for the resource itself. */
  subresource: string;
  dryRun: boolean;
  /** The name of the object, or of what a subresource belongs to; empty where the API server has still to generate it. */
  name: string;
  /** The object as it arrived, of any type. */
  object: unknown;
  /** The object as it was before an UPDATE or DELETE, of any type. */
  oldObject: unknown;
}>;

/** A body that is no AdmissionReview we can answer; the message says why, for whoever called us. */
export class InvalidReviewError extends Error {
  override name = 'InvalidReviewError';
}

/**
 * Parses an AdmissionReview v1. Only its envelope has to be right; whatever the request is about may be as odd
 * as it likes and still gets a decision.
 *
 * @throws {InvalidReviewError} where the body is no AdmissionReview v1 or has no uid to answer to
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
  return toRequest(uid, request);
}

function toRequest(uid: string, request: JsonObject): AdmissionRequest {
  const resource = asObject(request['resource']);
  return {
    uid,
    namespace: asString(request['namespace']),
    operation: asString(request['operation']),
    resource: { group: asString(resource['group']), resource: asString(resource['resource']) },
    kind: asString(asObject(request['kind'])['kind']),
    subresource: asString(request['subResource']),
    dryRun: request['dryRun'] === true,
    name: asString(request['name']),
    object: request['object'],
    oldObject: request['oldObject'],
  };
}

import type { Decision } from './decision.ts';

/** The answer to an AdmissionReview v1, as the API server reads it. */
export type AdmissionReviewResponse = Readonly<{
  apiVersion: 'admission.k8s.io/v1';
  kind: 'AdmissionReview';
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
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
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

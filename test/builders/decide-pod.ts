import type { Decision, PatchOperation, Phase } from '../../src/admission/decision.ts';
import { type AdmissionRequest, buildResponse } from '../../src/admission/review.ts';
import { compilePolicy, type PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import { decide } from './decide.ts';

export const PHASES: readonly Phase[] = ['mutate', 'validate'];

/** What a decision depends on beside the request: the allowlists, the settings and the time in milliseconds since the epoch. */
export type PodSetting = Readonly<{
  allowlists: readonly Allowlist[];
  settings: PolicySettings;
  now: number;
}>;

/** Decides a request as the server does in a phase, in a namespace without labels. */
export function decidePod(
  phase: Phase,
  request: AdmissionRequest,
  { allowlists, settings, now }: PodSetting,
): Decision {
  return decide(phase, request, compilePolicy(allowlists, settings), now);
}

/** What a decision and its response hold. Sentences are told apart, as nothing but parts of them is asserted of a case. */
export function toAnswer(uid: string, decision: Decision) {
  const { apiVersion, kind, response } = buildResponse(uid, decision);
  const { allowed, status, patchType, warnings = [], auditAnnotations = {} } = response;
  return {
    parts: {
      outcome: decision.outcome,
      reason: decision.reason,
      allowlists: decision.allowlists,
      conflictsWith: decision.conflictsWith ?? [],
      expiring: decision.breakGlass?.allowlist,
      auditAnnotations,
      warnings: warnings.length,
    },
    envelope: {
      apiVersion,
      kind,
      uid: response.uid,
      allowed,
      patchType,
      status: status && { status: status.status, code: status.code, reason: status.reason },
    },
    patch: decodePatch(response.patch),
    message: status?.message,
    warnings,
  };
}

/** The operations of an AdmissionResponse's patch; none where it has no patch. */
export function decodePatch(patch: string | undefined): readonly PatchOperation[] {
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
}

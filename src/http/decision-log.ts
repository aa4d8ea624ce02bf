import type { Logger } from 'pino';
import { type Decision, MAX_LISTED } from '../admission/decision.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { printable } from '../text/printable.ts';

/** Logs one line for a decision. Nothing of the pod but its names: its spec holds secrets. */
export function logDecision(
  logger: Logger,
  path: string,
  request: AdmissionRequest,
  decision: Decision,
  durationMs: number,
): void {
  const level = decisionLevel(decision);
  if (!logger.isLevelEnabled(level)) {
    return;
  }
  const { pod, role, allowlists, injectedRole, conflictsWith, breakGlass } = decision;
  logger[level](
    {
      path,
      uid: printable(request.uid),
      namespace: printable(request.namespace),
      ...namesOf(request, pod),
      serviceAccount: pod && printable(pod.serviceAccount),
      role: role === undefined ? undefined : printable(role),
      dryRun: request.dryRun || undefined,
      decision: decision.outcome,
      reason: decision.reason,
      injected: injectedRole,
      allowlist: allowlists.slice(0, MAX_LISTED).join(',') || undefined,
      breakGlass,
      conflict: conflictsWith?.slice(0, MAX_LISTED).join(',') || undefined,
      durationMs: Math.round(durationMs * 1000) / 1000,
    },
    'decided',
  );
}

/** Violations and refusals stand out; what went well does not. */
function decisionLevel({ outcome }: Decision): 'info' | 'warn' {
  return outcome === 'allow' || outcome === 'inject' ? 'info' : 'warn';
}

/** A pod's own name may still have to be generated; of all else the request has the kind and the name. */
function namesOf({ kind, name }: AdmissionRequest, pod: Decision['pod']): Readonly<Record<string, string>> {
  if (pod?.name === '') {
    return { generateName: printable(pod.generateName) };
  }
  const known = pod?.name ?? name;
  return {
    ...(pod === undefined && kind !== '' && { kind: printable(kind) }),
    ...(known !== '' && { name: printable(known) }),
  };
}

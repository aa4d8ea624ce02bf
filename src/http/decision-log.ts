import type { Logger } from 'pino';
import type { Decision } from '../admission/decision.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { printable } from '../text/printable.ts';

/** A problem may be the API server's text. */
const MAX_PROBLEM_CHARACTERS = 300;

/** Logs one line for a decision. Of the pod it logs only names, because a spec holds secrets. */
export function logDecision(
  logger: Logger,
  path: string,
  review: AdmissionRequest,
  decision: Decision,
  durationMs: number,
): void {
  const level = decisionLevel(decision);
  if (!logger.isLevelEnabled(level)) {
    return;
  }
  const { pod, role, allowlists, injectedRole, conflictsWith, breakGlass, problem } = decision;
  logger[level](
    {
      path,
      uid: printable(review.uid),
      namespace: printable(review.namespace),
      ...namesOf(review, pod),
      serviceAccount: pod && printable(pod.serviceAccount),
      role: role === undefined ? undefined : printable(role),
      dryRun: review.dryRun || undefined,
      decision: decision.outcome,
      reason: decision.reason,
      problem: problem && printable(problem, MAX_PROBLEM_CHARACTERS),
      injected: injectedRole,
      allowlist: allowlists.join(',') || undefined,
      breakGlass,
      conflict: conflictsWith?.join(',') || undefined,
      durationMs: Math.round(durationMs * 1000) / 1000,
    },
    'decided',
  );
}

/** Violations and denials stand out. Most objects of a cluster name no role and get none, so their lines are for debugging. */
function decisionLevel({ outcome, reason }: Decision): 'debug' | 'info' | 'warn' {
  if (outcome === 'allow') {
    return reason === 'no-role' ? 'debug' : 'info';
  }
  return outcome === 'inject' ? 'info' : 'warn';
}

/** The API server may still have to generate a pod's name; every other object has its kind and name in the review. */
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

import { setTimeout as sleep } from 'node:timers/promises';
import { jittered, retryDelay } from '../../kubernetes/client.ts';
import { errorMessage } from '../../text/printable.ts';
import type { Outcome } from './reconcile.ts';
import type { Served } from './trust.ts';

const REQUEUE_BASE_MS = 20;
/** More requeues in a row mean that somebody else undoes every write. */
const MAX_REQUEUES = 20;
const RETRY_DELAY = { baseMs: 500, capMs: 30_000 };

export type ReconcileLoopOptions = Readonly<{
  reconcile: (serving: Served | undefined) => Promise<Outcome>;
  /** Serves another certificate from now on; if it throws, the former one stays in use. */
  serve: (certificate: Served) => void;
  /** A problem has begun, or has changed into another. */
  onProblem: (problem: string) => void;
  /** There is no problem any more. */
  onRecovery: () => void;
  pollIntervalMs: number;
  signal: AbortSignal;
}>;

/** Reconciles until the signal is aborted: soon again after a write, and with growing delays after a failure. */
export async function runReconcileLoop(options: ReconcileLoopOptions): Promise<void> {
  const { reconcile, serve, pollIntervalMs, signal } = options;
  const report = createProblemReport(options);
  let serving: Served | undefined;
  let failures = 0;
  let requeues = 0;

  /** Resolves to the milliseconds until the next turn. */
  const takeTurn = async (): Promise<number> => {
    const outcome = await reconcile(serving);
    if (outcome.serve !== undefined && !signal.aborted) {
      serve(outcome.serve);
      serving = outcome.serve;
    }
    if (outcome.problem !== undefined) {
      throw outcome.problem;
    }
    requeues = outcome.requeue ? requeues + 1 : 0;
    if (requeues > MAX_REQUEUES) {
      throw new Error('another client undoes each write to the Secret or the webhook configurations');
    }
    failures = 0;
    if (outcome.requeue) {
      return retryDelay(requeues, { baseMs: REQUEUE_BASE_MS, capMs: pollIntervalMs });
    }
    report(undefined);
    return jittered(pollIntervalMs);
  };

  while (!signal.aborted) {
    const waitMs = await takeTurn().catch((error: unknown) => {
      if (!signal.aborted) {
        report(errorMessage(error));
      }
      return retryDelay(failures++, RETRY_DELAY);
    });
    // Until there is a certificate to serve, nothing else may keep the process alive.
    await sleep(waitMs, undefined, { signal, ref: serving === undefined }).catch(() => undefined);
  }
}

function createProblemReport({
  onProblem,
  onRecovery,
}: Pick<ReconcileLoopOptions, 'onProblem' | 'onRecovery'>): (problem: string | undefined) => void {
  let current: string | undefined;
  return (problem) => {
    if (problem === current) {
      return;
    }
    current = problem;
    if (problem === undefined) {
      onRecovery();
    } else {
      onProblem(problem);
    }
  };
}

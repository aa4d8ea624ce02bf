import { setTimeout as delay } from 'node:timers/promises';
import { jittered, retryDelay } from '../../kubernetes/retry.ts';
import { errorMessage } from '../../text/printable.ts';
import type { Outcome } from './reconcile.ts';
import type { Serving } from './trust.ts';

const UNSETTLED_BASE_MS = 20;
/** So many steps in a row that each found something to write: somebody else undoes them. */
const MAX_UNSETTLED = 20;
const RETRY_DELAY = { baseMs: 500, capMs: 30_000 };

export type UpkeepOptions = Readonly<{
  step: (serving: Serving | undefined) => Promise<Outcome>;
  /** Serves another certificate from now on; it stays as it was where this throws. */
  serve: (chosen: Serving) => void;
  /** Told when a problem begins, or turns into another. */
  onProblem: (problem: string) => void;
  onEndOfProblem: () => void;
  pollIntervalMs: number;
  signal: AbortSignal;
}>;

/** Takes step after step until the signal is aborted: soon after one that wrote, later after one that failed. */
export async function keepUpCertificates(options: UpkeepOptions): Promise<void> {
  const { step, serve, pollIntervalMs, signal } = options;
  const report = createReport(options);
  let serving: Serving | undefined;
  let failures = 0;
  let unsettled = 0;

  const take = async (): Promise<number> => {
    const outcome = await step(serving);
    if (outcome.serve !== undefined && !signal.aborted) {
      serve(outcome.serve);
      serving = outcome.serve;
    }
    if (outcome.problem !== undefined) {
      throw outcome.problem;
    }
    unsettled = outcome.isUnsettled ? unsettled + 1 : 0;
    if (unsettled > MAX_UNSETTLED) {
      throw new Error('what is written to the Secret or the webhook configurations does not stay');
    }
    failures = 0;
    if (outcome.isUnsettled) {
      return retryDelay(unsettled, { baseMs: UNSETTLED_BASE_MS, capMs: pollIntervalMs });
    }
    report(undefined);
    return jittered(pollIntervalMs);
  };

  while (!signal.aborted) {
    const waitMs = await take().catch((error: unknown) => {
      if (!signal.aborted) {
        report(errorMessage(error));
      }
      return retryDelay(failures++, RETRY_DELAY);
    });
    // Until there is something to serve, nothing else may keep the process alive.
    await delay(waitMs, undefined, { signal, ref: serving === undefined }).catch(() => undefined);
  }
}

function createReport({
  onProblem,
  onEndOfProblem,
}: Pick<UpkeepOptions, 'onProblem' | 'onEndOfProblem'>): (problem: string | undefined) => void {
  let current: string | undefined;
  return (problem) => {
    if (problem === current) {
      return;
    }
    current = problem;
    if (problem === undefined) {
      onEndOfProblem();
    } else {
      onProblem(problem);
    }
  };
}

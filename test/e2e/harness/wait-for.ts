import { setTimeout as delay } from 'node:timers/promises';

export type WaitOptions = {
  /** Milliseconds after which the wait fails; 30,000 when left out. */
  timeoutMs?: number;
  /** Milliseconds between two probes at first; 50 when left out. Later it is a tenth of the time waited so far. */
  intervalMs?: number;
};

/**
 * Probes until the answer is neither undefined nor false, and returns it.
 * A probe that throws counts as "not yet": what it threw last is told when time runs out.
 * Throws `timed out after N s waiting for <what>`.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 30_000, intervalMs = 50 }: WaitOptions = {},
): Promise<T> {
  const startedAt = performance.now();
  const deadline = startedAt + timeoutMs;
  let lastError: unknown;
  while (performance.now() < deadline) {
    try {
      const attempt = Promise.resolve().then(probe);
      if (!(await settlesWithin(attempt, deadline - performance.now()))) {
        break;
      }
      const answer = await attempt;
      if (answer !== undefined && answer !== false) {
        return answer;
      }
      lastError = undefined;
    } catch (error) {
      if (error instanceof PermanentError) {
        throw error;
      }
      lastError = error;
    }
    // Most probes start a program, and what is waited for needs the processor too.
    await delay(Math.max(intervalMs, (performance.now() - startedAt) / 10));
  }
  const reason = lastError === undefined ? '' : `: ${messageOf(lastError)}`;
  throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}${reason}`);
}

/** Whether a promise settles within some milliseconds; no timer is left behind when it does. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const elapsed = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const answer = await Promise.race([settled, elapsed]);
  timer.abort();
  return answer;
}

/** Thrown by a probe when waiting longer cannot help: waitFor passes it on at once. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** The message of an error, or the value itself as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

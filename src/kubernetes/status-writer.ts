import type { Logger } from 'pino';
import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError } from './client.ts';
import { ALLOWLISTS_PATH } from './object.ts';
import { type StatusEntry, textOf, toApplyPatch } from './ready-condition.ts';

const FIELD_MANAGER = 'eci-ram-role-webhook-status';
const NOT_FOUND = 404;

/** In milliseconds. */
export type StatusTimings = Readonly<{
  /** Replicas see a change together. Each waits a random part of this time, so that the first spares the others a call. */
  maxJitterMs: number;
  /** The least time between two writes of one status, for the same generation of its allowlist and for another one. */
  minIntervalMs: number;
  minChangeIntervalMs: number;
  /** The least time until a replaced status is written again, so that servers of two versions do not overwrite each other. */
  repeatIntervalMs: number;
  /** The time between two checks that no event causes. */
  reviewIntervalMs: number;
  /** The least time between two checks, as a multiple of the time that the last one took. */
  pauseFactor: number;
}>;

const TIMINGS: StatusTimings = {
  maxJitterMs: 1_500,
  minIntervalMs: 30_000,
  minChangeIntervalMs: 3_000,
  repeatIntervalMs: 600_000,
  reviewIntervalMs: 60_000,
  pauseFactor: 20,
};

/** Keeps the status of allowlists up to date. Every replica does so, without a leader. */
export type StatusWriter = Readonly<{
  /** Checks every status soon, because something has changed. */
  request: () => void;
  close: () => void;
}>;

/** The statuses of all allowlists. */
export type StatusAssessment = Readonly<{
  /** Those that must be written. */
  stale: readonly StatusEntry[];
  /** The uids of all allowlists. */
  uids: ReadonlySet<string>;
}>;

/** @param assess compares the status that every allowlist should have with the one that it has */
export function createStatusWriter(
  client: ApiClient,
  assess: () => Promise<StatusAssessment>,
  logger: Logger,
  timings: StatusTimings = TIMINGS,
): StatusWriter {
  const written = new Map<string, Readonly<{ at: number; generation: number; text: string }>>();
  let timer: NodeJS.Timeout | undefined;
  let wakeAt = Number.POSITIVE_INFINITY;
  let isWriting = false;
  let restUntil = 0;
  let isClosed = false;
  const review = setInterval(request, timings.reviewIntervalMs).unref();

  function request(): void {
    if (wakeAt > performance.now() + timings.maxJitterMs) {
      wakeIn(Math.random() * timings.maxJitterMs);
    }
  }

  /** The earlier of two wake-ups counts, so that no allowlist waits for another one's delay. */
  function wakeIn(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (at < wakeAt && !isClosed) {
      clearTimeout(timer);
      wakeAt = at;
      timer = setTimeout(() => void wake(), delayMs).unref();
    }
  }

  async function wake(): Promise<void> {
    wakeAt = Number.POSITIVE_INFINITY;
    const restMs = isWriting ? timings.maxJitterMs : restUntil - performance.now();
    if (restMs > 0) {
      wakeIn(restMs);
      return;
    }
    isWriting = true;
    try {
      await writeAll();
    } finally {
      isWriting = false;
    }
  }

  async function writeAll(): Promise<void> {
    const startedAt = performance.now();
    const { stale, uids } = await assess();
    restUntil = performance.now() + (performance.now() - startedAt) * timings.pauseFactor;
    forgetAllBut(uids);
    for (const entry of stale) {
      const waitMs = timeUntilDue(entry);
      if (isClosed) {
        return;
      }
      if (waitMs > 0) {
        wakeIn(waitMs);
      } else {
        await write(entry);
      }
    }
  }

  function forgetAllBut(uids: ReadonlySet<string>): void {
    for (const uid of written.keys()) {
      if (!uids.has(uid)) {
        written.delete(uid);
      }
    }
  }

  function timeUntilDue(entry: StatusEntry): number {
    const last = written.get(entry.uid);
    if (last === undefined) {
      return 0;
    }
    if (last.generation !== entry.generation) {
      return last.at + timings.minChangeIntervalMs - performance.now();
    }
    // A missing status was removed, not replaced by another server's.
    const isReplaced = last.text === textOf(entry) && entry.condition !== undefined;
    return last.at + (isReplaced ? timings.repeatIntervalMs : timings.minIntervalMs) - performance.now();
  }

  async function write(entry: StatusEntry): Promise<void> {
    const { uid, generation } = entry;
    written.set(uid, { at: performance.now(), generation, text: textOf(entry) });
    try {
      await client.call({
        method: 'PATCH',
        path: `${ALLOWLISTS_PATH}/${entry.name}/status`,
        query: { fieldManager: FIELD_MANAGER, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: toApplyPatch(entry),
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === NOT_FOUND)) {
        logger.warn({ allowlist: entry.name, problem: errorMessage(error) }, 'status not written');
        written.set(uid, { at: performance.now(), generation, text: '' });
        wakeIn(timings.minIntervalMs);
      }
    }
  }

  return {
    request,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(review);
    },
  };
}

import type { Logger } from 'pino';
import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError } from './client.ts';
import { isStale, type StatusEntry, textOf, toApplyPatch } from './ready-condition.ts';
import { ALLOWLISTS_PATH } from './resources.ts';

const FIELD_MANAGER = 'eci-ram-role-webhook-status';
const NOT_FOUND = 404;

/** How patient the writer is, in milliseconds. */
export type StatusTimings = Readonly<{
  /** Replicas see a change together; the first to write, at random within this time, spares the others the call. */
  maxJitterMs: number;
  /** No status is written more often than that. */
  minIntervalMs: number;
  /** What was written and replaced is not written again for so long, so that servers of two versions do not chase each other. */
  repeatIntervalMs: number;
  /** What nobody tells of is found by then. */
  reviewIntervalMs: number;
}>;

const TIMINGS: StatusTimings = {
  maxJitterMs: 1_500,
  minIntervalMs: 30_000,
  repeatIntervalMs: 600_000,
  reviewIntervalMs: 60_000,
};

/** Keeps the status of allowlists right; every replica does, without a leader. */
export type StatusWriter = Readonly<{
  /** Something has changed that a status may have to say. */
  request: () => void;
  close: () => void;
}>;

/** @param assess what every list's status should say now */
export function createStatusWriter(
  client: ApiClient,
  assess: () => Promise<readonly StatusEntry[]>,
  logger: Logger,
  timings: StatusTimings = TIMINGS,
): StatusWriter {
  const written = new Map<string, Readonly<{ at: number; text: string }>>();
  let timer: NodeJS.Timeout | undefined;
  let wakeAt = Number.POSITIVE_INFINITY;
  let isWriting = false;
  const review = setInterval(request, timings.reviewIntervalMs).unref();

  function request(): void {
    if (wakeAt > performance.now() + timings.maxJitterMs) {
      wakeIn(Math.random() * timings.maxJitterMs);
    }
  }

  /** The earlier of two wakes counts: a list that has to wait keeps no other one waiting. */
  function wakeIn(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (at < wakeAt) {
      clearTimeout(timer);
      wakeAt = at;
      timer = setTimeout(() => void wake(), delayMs).unref();
    }
  }

  async function wake(): Promise<void> {
    wakeAt = Number.POSITIVE_INFINITY;
    if (isWriting) {
      wakeIn(timings.maxJitterMs);
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
    const entries = await assess();
    forgetAllBut(entries);
    for (const entry of entries.filter(isStale)) {
      const waitMs = timeUntilDue(entry);
      if (waitMs > 0) {
        wakeIn(waitMs);
      } else {
        await write(entry);
      }
    }
  }

  function forgetAllBut(entries: readonly StatusEntry[]): void {
    const uids = new Set(entries.map(({ uid }) => uid));
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
    // A status that is gone was wiped by somebody who has nothing of their own to say.
    const isReplaced = last.text === textOf(entry) && entry.condition !== undefined;
    return last.at + (isReplaced ? timings.repeatIntervalMs : timings.minIntervalMs) - performance.now();
  }

  async function write(entry: StatusEntry): Promise<void> {
    written.set(entry.uid, { at: performance.now(), text: textOf(entry) });
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
        written.set(entry.uid, { at: performance.now(), text: '' });
        wakeIn(timings.minIntervalMs);
      }
    }
  }

  return {
    request,
    close: () => {
      clearTimeout(timer);
      clearInterval(review);
    },
  };
}

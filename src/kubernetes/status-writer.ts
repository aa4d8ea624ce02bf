import type { Logger } from 'pino';
import { errorMessage } from '../files/error-message.ts';
import type { Readiness } from '../policy/readiness.ts';
import { type ApiClient, ApiError } from './api-client.ts';

const PATH = '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists';
const FIELD_MANAGER = 'eci-ram-role-webhook-status';
const NOT_FOUND = 404;

/** Replicas see a change together; the first to write spares the others the call. */
const MAX_JITTER_MS = 1_500;
/** No status is written more often than that. */
const MIN_INTERVAL_MS = 30_000;
/** What was written is not written again for so long, so that servers of two versions do not chase each other. */
const REPEAT_INTERVAL_MS = 600_000;
/** What nobody tells of, such as a status that somebody wiped, is found by then. */
const REVIEW_INTERVAL_MS = 60_000;

/** The condition Ready as it stands in a status. */
export type ReadyCondition = Readiness & Readonly<{ observedGeneration: number; lastTransitionTime: string }>;

/** What the status of a list should say, and what it says. */
export type StatusEntry = Readonly<{
  name: string;
  generation: number;
  readiness: Readiness;
  condition: ReadyCondition | undefined;
}>;

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
): StatusWriter {
  const written = new Map<string, Readonly<{ at: number; text: string }>>();
  let timer: NodeJS.Timeout | undefined;
  const review = setInterval(request, REVIEW_INTERVAL_MS).unref();

  function request(): void {
    schedule(Math.random() * MAX_JITTER_MS);
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(() => void writeAll(), delayMs).unref();
  }

  async function writeAll(): Promise<void> {
    const stale = (await assess()).filter(isStale);
    const due = stale.filter(isDue);
    for (const entry of due) {
      await write(entry);
    }
    timer = undefined;
    if (due.length < stale.length) {
      schedule(MIN_INTERVAL_MS);
    }
  }

  function isDue(entry: StatusEntry): boolean {
    const last = written.get(entry.name);
    const interval = last?.text === textOf(entry) ? REPEAT_INTERVAL_MS : MIN_INTERVAL_MS;
    return last === undefined || performance.now() - last.at >= interval;
  }

  async function write(entry: StatusEntry): Promise<void> {
    written.set(entry.name, { at: performance.now(), text: textOf(entry) });
    try {
      await client.call({
        method: 'PATCH',
        path: `${PATH}/${entry.name}/status`,
        query: { fieldManager: FIELD_MANAGER, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: toApplyPatch(entry),
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === NOT_FOUND)) {
        logger.warn({ allowlist: entry.name, problem: errorMessage(error) }, 'status not written');
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

function isStale({ generation, readiness, condition }: StatusEntry): boolean {
  return (
    condition === undefined ||
    condition.observedGeneration !== generation ||
    condition.status !== readiness.status ||
    condition.reason !== readiness.reason ||
    condition.message !== readiness.message
  );
}

function textOf({ generation, readiness }: StatusEntry): string {
  return JSON.stringify([generation, readiness]);
}

function toApplyPatch({ name, generation, readiness, condition }: StatusEntry): unknown {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const lastTransitionTime = condition?.status === readiness.status ? condition.lastTransitionTime : now;
  return {
    apiVersion: 'eci-ram-role.io/v1alpha1',
    kind: 'RamRoleAllowlist',
    metadata: { name },
    status: {
      conditions: [{ type: 'Ready', ...readiness, observedGeneration: generation, lastTransitionTime }],
    },
  };
}

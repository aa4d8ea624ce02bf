import { setImmediate as nextTurn } from 'node:timers/promises';

/** A pod can arrive before the events of what was written before it; the API server waits for an answer at least one second. */
const WAIT_MS = 300;

/** A request whose decision takes longer does not wait any more: each change would take as long again. */
const MAX_ASKING_MS = 20;

const MAX_WAITING = 64;
const MAX_WAITING_IN_NAMESPACE = 16;

/** Requests that wait for events of the API server. */
export type Waits = Readonly<{
  /**
   * Resolves when a condition holds, which is asked after each change. Resolves after 300 ms at the latest, as soon as an
   * answer takes too long, and at once if too many requests wait, in all or for this namespace.
   */
  waitUntil: (namespace: string, holds: () => boolean | Promise<boolean>) => Promise<void>;
  /** Something has changed, for one namespace or for all. */
  wake: (namespace?: string) => void;
}>;

type Waiter = Readonly<{ namespace: string; ask: () => Promise<void> }>;

export function createWaits(waitMs = WAIT_MS): Waits {
  const waiting = new Set<Waiter>();
  const due = new Set<Waiter>();
  let isAsking = false;

  function hasPlace(namespace: string): boolean {
    let inNamespace = 0;
    for (const waiter of waiting) {
      inNamespace += waiter.namespace === namespace ? 1 : 0;
    }
    return waiting.size < MAX_WAITING && inNamespace < MAX_WAITING_IN_NAMESPACE;
  }

  /** One in a turn of the event loop, because each may cost as much as a request. */
  async function askDue(): Promise<void> {
    isAsking = true;
    for (const waiter of due) {
      await nextTurn();
      if (due.delete(waiter)) {
        await waiter.ask();
      }
    }
    isAsking = false;
  }

  return {
    waitUntil: async (namespace, holds) => {
      if (!hasPlace(namespace)) {
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const ask = async () => {
        const startedAt = performance.now();
        try {
          if ((await holds()) || performance.now() - startedAt > MAX_ASKING_MS) {
            resolve();
          }
        } catch (error) {
          reject(error);
        }
      };
      const waiter: Waiter = { namespace, ask };
      const timer = setTimeout(resolve, waitMs);
      waiting.add(waiter);
      await promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(waiter);
        due.delete(waiter);
      });
    },
    wake: (namespace) => {
      for (const waiter of waiting) {
        if (namespace === undefined || waiter.namespace === namespace) {
          due.add(waiter);
        }
      }
      if (!isAsking && due.size > 0) {
        void askDue();
      }
    },
  };
}

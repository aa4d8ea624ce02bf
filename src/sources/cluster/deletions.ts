import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { CrdCheck, CrdReading } from './crd-check.ts';

/**
 * A deletion counts after this time. A list that is deleted and created again, as `kubectl replace --force` does, then
 * counts as changed.
 */
const DELAY_MS = 50;

/** An allowlist that was deleted with the CustomResourceDefinition stays in force for this long, unless it is restored. */
const HELD_MS = 86_400_000;

/** The longest that requests wait for deletions that count together. */
const SLICE_MS = 10;

/** How soon it shows that an admin discards held allowlists. */
const REVIEW_INTERVAL_MS = 5_000;

/** Allowlists that are gone from the cluster, and still in force. */
export type Deletions = Readonly<{
  /** An allowlist was deleted, or is missing in a list. */
  add: (name: string) => void;
  /** It was created again. */
  cancel: (name: string) => void;
  /** All allowlists were listed, and those that are missing were added. */
  endList: () => void;
  /** Those that stay in force because their CustomResourceDefinition was deleted. */
  held: ReadonlyMap<string, number>;
  close: () => void;
}>;

/** Why the held allowlists are others than before. */
export type HeldChange = 'held' | 'restored' | 'discarded';

export type DeletionListener = Readonly<{
  /** The deletion counts. */
  onDeleted: (name: string) => void;
  onHeld: (change: HeldChange, names: readonly string[]) => void;
}>;

/** The name of an allowlist, and a time by `performance.now()`. */
type Entry = readonly [name: string, time: number];

/**
 * When somebody deletes the CustomResourceDefinition, the API server first deletes all allowlists. So a deletion counts only
 * after the CustomResourceDefinition was read: if it is being deleted, is gone, or is another one than that of the last
 * list, the allowlist is held.
 */
export function createDeletions(
  readCrd: CrdCheck['read'],
  { onDeleted, onHeld }: DeletionListener,
): Deletions {
  /** When each was found to be gone. */
  const pending = new Map<string, number>();
  /** Until when each is held. */
  const held = new Map<string, number>();
  /** The uid of the CustomResourceDefinition of the last list; empty while it is not known. */
  let listedUid = '';
  let listedAt: number | undefined;
  /** As the CustomResourceDefinition said last, because one that is gone says nothing. */
  let isDiscardAsked = false;
  let isReading = false;
  let isClosed = false;
  const review = setInterval(() => void (held.size > 0 && read()), REVIEW_INTERVAL_MS).unref();

  async function read(): Promise<void> {
    if (isReading) {
      return;
    }
    isReading = true;
    do {
      await use(await readCrd());
    } while (!isClosed && (pending.size > 0 || listedAt !== undefined));
    isReading = false;
  }

  async function use({ begunAt, state }: CrdReading): Promise<void> {
    if (state.kind === 'unknown') {
      return;
    }
    const gone = [...pending].filter(([, goneAt]) => goneAt <= begunAt);
    const isFound = state.kind === 'found';
    const isOther = isFound && listedUid !== '' && state.uid !== listedUid;
    const isDeleted = state.kind === 'gone' || isOther || (isFound && state.isTerminating);
    isDiscardAsked = isFound ? state.isDiscardAsked : isDiscardAsked;
    if (listedAt !== undefined && listedAt <= begunAt) {
      listedAt = undefined;
      listedUid = isFound ? state.uid : '';
    }
    if (isDeleted && !isDiscardAsked) {
      hold(gone.map(([name]) => name));
    } else {
      await complete(gone);
    }
    await discard([...held].filter(([, until]) => isDiscardAsked || until <= performance.now()));
  }

  function hold(names: readonly string[]): void {
    for (const name of names) {
      pending.delete(name);
      held.set(name, performance.now() + HELD_MS);
    }
    if (names.length > 0) {
      onHeld('held', names);
    }
  }

  async function complete(gone: readonly Entry[]): Promise<void> {
    const [, lastGoneAt = 0] = gone.at(-1) ?? [];
    const waitMs = lastGoneAt + DELAY_MS - performance.now();
    if (waitMs > 0) {
      await sleep(waitMs);
    }
    await removeFrom(pending, gone);
  }

  async function discard(expired: readonly Entry[]): Promise<void> {
    const names = await removeFrom(held, expired);
    if (names.length > 0) {
      onHeld('discarded', names);
    }
  }

  /** Makes deletions count, but for those that were cancelled or made anew meanwhile. Returns their names. */
  async function removeFrom(
    allowlists: Map<string, number>,
    entries: readonly Entry[],
  ): Promise<readonly string[]> {
    const removed: string[] = [];
    let sliceEnd = performance.now() + SLICE_MS;
    for (const [name, time] of entries) {
      if (performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + SLICE_MS;
      }
      if (!isClosed && allowlists.get(name) === time) {
        allowlists.delete(name);
        removed.push(name);
        onDeleted(name);
      }
    }
    return removed;
  }

  return {
    add: (name) => {
      if (!pending.has(name) && !held.has(name)) {
        pending.set(name, performance.now());
        void read();
      }
    },
    cancel: (name) => {
      pending.delete(name);
      if (held.delete(name)) {
        onHeld('restored', [name]);
      }
    },
    endList: () => {
      listedAt = performance.now();
      void read();
    },
    held,
    close: () => {
      isClosed = true;
      clearInterval(review);
    },
  };
}

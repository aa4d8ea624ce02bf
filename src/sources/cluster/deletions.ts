import type { CrdCheck, CrdReading } from './crd-check.ts';

/** A deletion counts after this time, so that an allowlist that `kubectl replace --force` replaces counts as changed. */
const DELAY_MS = 50;

/** Deletions count for this long after a reading of a good CustomResourceDefinition. A bad later reading undoes them. */
const TRUSTED_MS = 1_000;

/** An allowlist that was deleted with the CustomResourceDefinition stays in force for this long, unless it is restored. */
const HELD_MS = 86_400_000;

/** The longest that requests wait for deletions that count together. */
const SLICE_MS = 10;

/** How soon it shows that an admin discards held allowlists. */
const REVIEW_INTERVAL_MS = 5_000;

/** Allowlists that are gone from the cluster, and may still be in force. */
export type Deletions = Readonly<{
  /** An allowlist was deleted, or is missing in a list. */
  add: (name: string) => void;
  /** It was created again. */
  cancel: (name: string) => void;
  /** All allowlists were listed, and those that are missing were added. */
  endList: () => void;
  /** Until when each stays in force because its CustomResourceDefinition was deleted, by `performance.now()`. */
  held: ReadonlyMap<string, number>;
  close: () => void;
}>;

/** Why the held allowlists are others than before. */
export type HeldChange = 'held' | 'restored' | 'discarded';

export type DeletionListener = Readonly<{
  /** The deletion counts. Returns the function that puts the allowlist in force again. */
  onDeleted: (name: string) => () => void;
  onHeld: (change: HeldChange, names: readonly string[]) => void;
}>;

/**
 * When somebody deletes the CustomResourceDefinition, the API server first deletes all allowlists. So the CustomResourceDefinition
 * is read after a deletion. If it is being deleted, is gone, or is another one than that of the last list, the allowlist is
 * held.
 */
export function createDeletions(
  readCrd: CrdCheck['read'],
  { onDeleted, onHeld }: DeletionListener,
): Deletions {
  /** When each was found to be gone; the first are the first. */
  const pending = new Map<string, number>();
  /** Those that count without a later reading, and how each is undone. */
  const unconfirmed = new Map<string, Readonly<{ goneAt: number; undo: () => void }>>();
  const held = new Map<string, number>();
  /** Those that were held, and whose deletion counts now. */
  const discarded = new Set<string>();
  /** The uid of the CustomResourceDefinition of the last list; empty while it is not known. */
  let listedUid = '';
  let listedAt: number | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  /** When the last reading began, if it found the CustomResourceDefinition served. */
  let servedAt = Number.NEGATIVE_INFINITY;
  /** As the CustomResourceDefinition said last, because one that is gone says nothing. */
  let isDiscardAsked = false;
  let isReading = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const review = setInterval(() => void (held.size > 0 && read()), REVIEW_INTERVAL_MS).unref();

  async function read(): Promise<void> {
    if (isReading) {
      return;
    }
    isReading = true;
    do {
      use(await readCrd());
    } while (!isClosed && isReadingNeeded());
    isReading = false;
  }

  function isReadingNeeded(): boolean {
    const isUnread = [...pending.values()].some((goneAt) => goneAt > readAt);
    return isUnread || unconfirmed.size > 0 || listedAt !== undefined;
  }

  function use({ begunAt, state }: CrdReading): void {
    if (isClosed || state.kind === 'unknown') {
      return;
    }
    readAt = begunAt;
    const isFound = state.kind === 'found';
    const isOther = isFound && listedUid !== '' && state.uid !== listedUid;
    const isDeleted = state.kind === 'gone' || isOther || (isFound && state.isTerminating);
    isDiscardAsked = isFound ? state.isDiscardAsked : isDiscardAsked;
    if (listedAt !== undefined && listedAt <= begunAt) {
      listedAt = undefined;
      listedUid = isFound ? state.uid : '';
    }
    const isServed = !isDeleted || isDiscardAsked;
    servedAt = isServed ? begunAt : Number.NEGATIVE_INFINITY;
    confirm(isServed);
    hold(isServed ? [] : [...pending].flatMap(([name, goneAt]) => (goneAt <= begunAt ? [name] : [])));
    discard();
    completeDue();
  }

  /** Ends the doubt about deletions that count, or undoes them. */
  function confirm(isServed: boolean): void {
    for (const [name, { goneAt, undo }] of unconfirmed) {
      if (goneAt <= readAt) {
        unconfirmed.delete(name);
        if (!isServed) {
          undo();
          pending.set(name, goneAt);
        }
      }
    }
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

  function discard(): void {
    const names = [...held].flatMap(([name, until]) =>
      isDiscardAsked || until <= performance.now() ? [name] : [],
    );
    for (const name of names) {
      held.delete(name);
      discarded.add(name);
    }
    if (names.length > 0) {
      onHeld('discarded', names);
    }
  }

  /** Completes the deletions that are due, as long as other work can wait. */
  function completeDue(): void {
    clearTimeout(timer);
    timer = undefined;
    const sliceEnd = performance.now() + SLICE_MS;
    for (const name of discarded) {
      if (performance.now() > sliceEnd) {
        timer = setTimeout(completeDue);
        return;
      }
      discarded.delete(name);
      onDeleted(name);
    }
    for (const [name, goneAt] of pending) {
      const waitMs = goneAt + DELAY_MS - performance.now();
      if (waitMs > 0 || performance.now() > sliceEnd) {
        timer = setTimeout(completeDue, Math.max(0, waitMs));
        return;
      }
      if (goneAt < servedAt + TRUSTED_MS) {
        pending.delete(name);
        const undo = onDeleted(name);
        if (goneAt > servedAt) {
          unconfirmed.set(name, { goneAt, undo });
        }
      }
    }
  }

  return {
    add: (name) => {
      if (!pending.has(name) && !held.has(name) && !discarded.has(name)) {
        pending.set(name, performance.now());
        timer ??= setTimeout(completeDue, DELAY_MS);
        void read();
      }
    },
    cancel: (name) => {
      pending.delete(name);
      unconfirmed.delete(name);
      discarded.delete(name);
      if (held.delete(name)) {
        onHeld('restored', [name]);
      }
    },
    endList: () => {
      listedAt = performance.now();
      servedAt = Number.NEGATIVE_INFINITY;
      void read();
    },
    held,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(review);
    },
  };
}

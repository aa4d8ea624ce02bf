/**
 * A deletion counts after this time. A list that is deleted and created again, as `kubectl replace --force` does, then
 * counts as changed.
 */
const HOLD_MS = 50;

/** Deletions that do not count yet. */
export type HeldDeletions = Readonly<{
  hold: (name: string) => void;
  /** The object was created again. */
  cancel: (name: string) => void;
  /** Completes the deletions whose time is over, in case the timer is late. */
  completeDue: () => void;
  close: () => void;
}>;

/** @param complete called when a deletion counts */
export function createHeldDeletions(complete: (name: string) => void): HeldDeletions {
  /** When each is due; the first to be due is the first. */
  const held = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function completeDue(): void {
    for (const [name, dueAt] of held) {
      if (dueAt > performance.now()) {
        return;
      }
      held.delete(name);
      complete(name);
    }
  }

  function wait(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      completeDue();
      if (held.size > 0) {
        wait();
      }
    }, HOLD_MS / 2);
  }

  return {
    hold: (name) => {
      if (!held.has(name)) {
        held.set(name, performance.now() + HOLD_MS);
        wait();
      }
    },
    cancel: (name) => held.delete(name),
    completeDue,
    close: () => clearTimeout(timer),
  };
}

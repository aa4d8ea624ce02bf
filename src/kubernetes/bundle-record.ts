import { retryDelay } from './retry-delay.ts';

const RESTORE_DELAY = { baseMs: 1_000, capMs: 30_000 };

/** What became of a bundle that was published: whether another undoes it, and when to put it back. */
export type BundleRecord = Readonly<{
  /** The bundle was there as it should be. */
  found: (bundle: string) => void;
  /** Whether it is time to write a bundle that was not there: at once, unless it was put back just before. */
  mayWrite: (bundle: string) => boolean;
  wrote: (bundle: string) => Readonly<{ isRestored: boolean }>;
}>;

/** @param now milliseconds since the epoch */
export function createBundleRecord(now: () => number): BundleRecord {
  let known: string | undefined;
  let restores = 0;
  let retryAt = 0;

  return {
    found: (bundle) => {
      known = bundle;
      if (now() >= retryAt) {
        restores = 0;
      }
    },
    mayWrite: (bundle) => bundle !== known || now() >= retryAt,
    wrote: (bundle) => {
      const isRestored = bundle === known;
      known = bundle;
      if (isRestored) {
        retryAt = now() + retryDelay(restores, RESTORE_DELAY);
        restores += 1;
      }
      return { isRestored };
    },
  };
}

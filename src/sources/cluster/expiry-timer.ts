import { expiryOf } from '../../policy/allowlist.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';

/** setTimeout takes no more; a longer wait is done in parts. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Tells when the next of some lists expires. */
export type ExpiryTimer = Readonly<{
  /** Sets it anew by all the lists there are. */
  set: (allowlists: Iterable<Allowlist>) => void;
  close: () => void;
}>;

/** @param onExpiry called from the instant on at which a list of those last set allows nothing any more */
export function createExpiryTimer(onExpiry: () => void): ExpiryTimer {
  let timer: NodeJS.Timeout | undefined;

  function wait(until: number): void {
    const waitMs = until - Date.now();
    timer = setTimeout(
      () => (waitMs > MAX_WAIT_MS ? wait(until) : onExpiry()),
      Math.min(Math.max(0, waitMs), MAX_WAIT_MS),
    ).unref();
  }

  return {
    set: (allowlists) => {
      clearTimeout(timer);
      const next = nextExpiry(allowlists, Date.now());
      if (next !== undefined) {
        wait(next);
      }
    },
    close: () => clearTimeout(timer),
  };
}

function nextExpiry(allowlists: Iterable<Allowlist>, now: number): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  for (const { spec } of allowlists) {
    const expiry = expiryOf(spec);
    if (expiry > now && expiry < next) {
      next = expiry;
    }
  }
  return Number.isFinite(next) ? next : undefined;
}

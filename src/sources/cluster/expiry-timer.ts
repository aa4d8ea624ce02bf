import { expiryOf } from '../../policy/allowlist.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';

/** The longest wait of setTimeout; a longer one is split. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Fires when the next allowlist expires. */
export type ExpiryTimer = Readonly<{
  /** Sets the timer for all allowlists. */
  set: (allowlists: Iterable<Allowlist>) => void;
  close: () => void;
}>;

/** @param onExpiry called when an allowlist of those last set has expired */
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

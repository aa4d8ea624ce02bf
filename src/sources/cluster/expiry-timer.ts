/** The longest wait of setTimeout; a longer one is split. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Fires when the next allowlist expires. */
export type ExpiryTimer = Readonly<{
  /** Sets the timer to a time in milliseconds since the epoch; infinite stops it. */
  set: (expiry: number) => void;
  close: () => void;
}>;

/** @param onExpiry called when the time last set has come */
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
    set: (expiry) => {
      clearTimeout(timer);
      if (Number.isFinite(expiry)) {
        wait(expiry);
      }
    },
    close: () => clearTimeout(timer),
  };
}

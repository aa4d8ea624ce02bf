const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/** Growing delays between tries. */
export type Backoff = Readonly<{
  /** Milliseconds to wait before the next try: twice the last at the most, up to 30 s, at random in the upper half of that. */
  next: () => number;
  reset: () => void;
}>;

export function createBackoff(): Backoff {
  let ceiling = FIRST_DELAY_MS;
  return {
    next: () => {
      const delay = ceiling / 2 + (Math.random() * ceiling) / 2;
      ceiling = Math.min(ceiling * 2, MAX_DELAY_MS);
      return delay;
    },
    reset: () => {
      ceiling = FIRST_DELAY_MS;
    },
  };
}

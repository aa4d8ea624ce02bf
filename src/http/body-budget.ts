/** The limit for all unfinished bodies together, so that nobody's bodies can use up the memory. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** An unfinished body, as the budget knows it. */
export type HeldBody = {
  /** The bytes that it holds; changed by the budget only. */
  bytes: number;
  /** Called when the body must go. The budget has released it before. */
  readonly onEvicted: () => void;
};

/** The bytes that all unfinished bodies share. */
export type BodyBudget = Readonly<{
  /** Counts more bytes of a body. When they are too many for all, the oldest bodies are evicted. */
  hold: (body: HeldBody, bytes: number) => void;
  /** Gives back all bytes of a body, if it holds any. */
  release: (body: HeldBody) => void;
}>;

/**
 * Creates a budget for the bytes of bodies that are not complete. A complete body is parsed at once and needs none, so
 * it always has room. The oldest body goes first: honest senders need milliseconds, so theirs are the youngest.
 */
export function createBodyBudget(maxBytes = MAX_HELD_BYTES): BodyBudget {
  // A Set keeps the order of insertion: the oldest come first.
  const bodies = new Set<HeldBody>();
  let held = 0;

  const release = (body: HeldBody) => {
    if (bodies.delete(body)) {
      held -= body.bytes;
      body.bytes = 0;
    }
  };

  return {
    hold: (body, bytes) => {
      bodies.add(body);
      body.bytes += bytes;
      held += bytes;
      for (const oldest of bodies) {
        if (held <= maxBytes) {
          break;
        }
        release(oldest);
        oldest.onEvicted();
      }
    },
    release,
  };
}

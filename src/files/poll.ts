import { isDeepStrictEqual } from 'node:util';

const POLL_INTERVAL_MS = 1_000;

/** What files held when they were last read, or why they could not be read. */
export type Reading<Content> =
  | Readonly<{ content: Content; problem?: never }>
  | Readonly<{ content?: never; problem: string }>;

/**
 * Reads files again and again, and tells when what they hold has changed and has stayed the same for two
 * readings: nobody shall be told of half a write, or of one file before and another after a swap of mounted
 * files. By content, since neither times nor events can be relied on across the swap of symbolic links by
 * which Kubernetes changes a mounted volume.
 *
 * @param read must not throw
 * @param first what was read before, which is not told again
 */
export function watchContent<Content>(
  read: () => Reading<Content>,
  first: Reading<Content>,
  onChange: (reading: Reading<Content>) => void,
): Readonly<{ close: () => void }> {
  let settled = first;
  let previous = first;

  const timer = setInterval(() => {
    const reading = read();
    const isStable = isDeepStrictEqual(reading, previous);
    previous = reading;
    if (isStable && !isDeepStrictEqual(reading, settled)) {
      settled = reading;
      onChange(reading);
    }
  }, POLL_INTERVAL_MS).unref();

  return { close: () => clearInterval(timer) };
}

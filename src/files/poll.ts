import { isDeepStrictEqual } from 'node:util';
import type { Result } from '../text/problem.ts';

const POLL_INTERVAL_MS = 1_000;

/** The content of files when they were last read, or why they could not be read. */
export type Reading<Content> = Result<Content, string>;

/**
 * Polls files, and reports changed content when two readings in a row agree, so that neither half a write nor a
 * half-done swap of mounted files is reported. Compares the content, because Kubernetes changes a mounted volume by
 * swapping symbolic links, for which times and events are unreliable.
 *
 * @param read must not throw
 * @param first the last reading, which is not reported
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

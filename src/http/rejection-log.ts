import type { Logger } from 'pino';
import type { GateOptions } from './gate.ts';

/** A line costs about as much as the request that it reports, so hostile requests must not get one each. */
const LINES_PER_SECOND = 10;

/** Logs that a request or a connection was rejected. The fields are only made if the line is written. */
export type RejectionLog = (level: 'warn' | 'error', message: string, describe: () => object) => void;

/**
 * Creates a log of rejections that writes at most ten lines a second. The next line after a gap has the number of
 * `omitted` lines; the metric counts all rejections.
 *
 * @param now returns milliseconds
 */
export function createRejectionLog(
  logger: Logger,
  now: () => number = () => performance.now(),
): RejectionLog {
  let second = 0;
  let lines = 0;
  let omitted = 0;
  return (level, message, describe) => {
    const present = Math.floor(now() / 1000);
    if (present !== second) {
      second = present;
      lines = 0;
    }
    if (lines >= LINES_PER_SECOND) {
      omitted++;
      return;
    }
    lines++;
    logger[level]({ ...describe(), ...(omitted > 0 && { omitted }) }, message);
    omitted = 0;
  };
}

/** Counts and logs the connections that the gate of a port closes. */
export function reportClosed(
  port: 'secure' | 'probe',
  countRejected: (reason: string) => void,
  log: RejectionLog,
): GateOptions['onClosed'] {
  return (reason, peer) => {
    countRejected(reason);
    log('warn', 'connection closed', () => ({ reason, port, peer }));
  };
}

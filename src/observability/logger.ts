import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;
/** Lines are written together, because a write costs more than a line. */
const BATCH_BYTES = 12 * 1024;
/** No line waits longer for others. */
const FLUSH_INTERVAL_MS = 100;
/** Lines beyond this are dropped, so that a reader that has stopped reading cannot stop the server. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** A logger, and a function that writes all pending lines before the process ends. */
export type FlushableLogger = Readonly<{ logger: Logger; flush: () => void }>;

/** Logs JSON lines to standard error without waiting for its reader. Logs the number of lines that it dropped. */
export function createLogger(level: LogLevel): FlushableLogger {
  const destination = pino.destination({
    fd: STDERR,
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: FLUSH_INTERVAL_MS,
    maxLength: MAX_BUFFERED_BYTES,
  });
  const logger = createLoggerTo(destination, level);
  let dropped = 0;
  const reportDropped = () => {
    if (dropped > 0) {
      const lines = dropped;
      dropped = 0;
      logger.warn({ dropped: lines }, 'log lines dropped');
    }
  };

  // Without a listener, a closed standard error would end the process.
  destination.on('error', () => undefined);
  destination.on('drop', () => dropped++);
  destination.on('drain', reportDropped);
  return {
    logger,
    flush: () => {
      try {
        destination.flushSync();
        reportDropped();
        destination.flushSync();
      } catch {
        // Nobody reads the log any more.
      }
    },
  };
}

/** Logs JSON lines to a stream. */
export function createLoggerTo(destination: DestinationStream, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

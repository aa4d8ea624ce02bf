import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;
/** Beyond this, lines are dropped: a reader that has stopped reading must not stop the server. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** A logger, and the way to have everything written before the process ends. */
export type FlushableLogger = Readonly<{ logger: Logger; flush: () => void }>;

/** Logs JSON lines to standard error, without ever waiting for the reader of it; says how many it had to drop. */
export function createLogger(level: LogLevel): FlushableLogger {
  const destination = pino.destination({ fd: STDERR, sync: false, maxLength: MAX_BUFFERED_BYTES });
  const logger = createLoggerTo(destination, level);
  let dropped = 0;
  const tellDropped = () => {
    if (dropped > 0) {
      const lines = dropped;
      dropped = 0;
      logger.warn({ dropped: lines }, 'log lines dropped');
    }
  };

  // Without a listener, a closed standard error would end the process.
  destination.on('error', () => undefined);
  destination.on('drop', () => dropped++);
  destination.on('drain', tellDropped);
  return {
    logger,
    flush: () => {
      try {
        destination.flushSync();
        tellDropped();
        destination.flushSync();
      } catch {
        // Nobody reads it any more, so there is nobody to tell.
      }
    },
  };
}

/** Logs to a stream of the caller's. */
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

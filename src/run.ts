import process from 'node:process';
import { type Config, parseConfig } from './config/config.ts';
import { createLogger, type FlushableLogger } from './observability/logger.ts';
import { UsableError } from './text/problem.ts';
import { startWebhook, type Webhook } from './webhook.ts';

/** A signal to a process group often arrives twice; within this time it counts once. */
const REPEATED_SIGNAL_MS = 500;

/** Runs the webhook with the options of a command line. If they cannot be used, prints the problems and exits with code 1. */
export function runServer(argv: readonly string[]): Promise<Webhook> {
  const config = parseConfigOrExit(argv);
  return run(config, createLogger(config.logLevel));
}

function parseConfigOrExit(argv: readonly string[]): Config {
  try {
    return parseConfig(argv);
  } catch (error) {
    exitWithUsableMessage(error);
  }
}

/**
 * Runs the webhook as this process, until a signal or a crash stops it. A second signal ends the process at once; so
 * does the first one before the webhook can decide.
 *
 * Resolves when the webhook can decide. If it cannot start, prints the reason and exits with code 1.
 */
export async function run(config: Config, { logger, flush }: FlushableLogger): Promise<Webhook> {
  let webhook: Webhook | undefined;
  let exitCode = 0;
  let isStopping = false;
  let firstSignalAt: number | undefined;
  const exit = () => {
    flush();
    process.exit(exitCode);
  };
  const stop = () => {
    isStopping = true;
    const stopped = webhook === undefined ? Promise.resolve() : webhook.stop();
    stopped.catch(crash).finally(exit);
  };

  /** Drains before it exits, because calls in flight may still be answered; the drain has a deadline. */
  const crash = (error: unknown) => {
    exitCode = 1;
    logger.fatal({ err: error }, 'crashed');
    if (!isStopping) {
      stop();
    }
  };

  const onSignal = (signal: NodeJS.Signals) => {
    if (firstSignalAt === undefined) {
      firstSignalAt = performance.now();
      logger.info({ signal, drainDelayMs: config.drainDelayMs }, 'stopping');
      if (!isStopping) {
        stop();
      }
    } else if (performance.now() - firstSignalAt > REPEATED_SIGNAL_MS) {
      logger.warn({ signal }, 'stopped at once by a second signal');
      exitCode = 1;
      exit();
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  webhook = await startWebhook(config, logger).catch((error: unknown) => {
    flush();
    exitWithUsableMessage(error);
  });
  return webhook;
}

/** Prints the message of a UsableError and exits with code 1. Throws any other error again, because it is a bug. */
export function exitWithUsableMessage(error: unknown): never {
  if (error instanceof UsableError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  throw error;
}

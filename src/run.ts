import process from 'node:process';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/parse.ts';
import { ListenError } from './http/https-server.ts';
import { ConnectionError } from './kubernetes/client.ts';
import type { FlushableLogger } from './observability/logger.ts';
import { AllowlistFilesError } from './sources/files/source.ts';
import { CertificateError } from './tls/certificate-files.ts';
import { startWebhook, type Webhook } from './webhook.ts';

/** A signal to a process group often arrives twice. */
const REPEATED_SIGNAL_MS = 500;

/**
 * Runs the webhook as this process: from its start until a signal or a crash has it stopped. A second signal
 * ends the process at once, and so does the first one before it can decide.
 *
 * Resolves once it can decide; where it cannot start, prints why and exits with code 1.
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

  /** Whatever crashed, the calls in flight may still be answered; the drain has a deadline. */
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

const USABLE_ERRORS = [ConfigError, AllowlistFilesError, CertificateError, ConnectionError, ListenError];

/**
 * Ends the process with code 1 and what an operator can act on; an error that is none of those is a bug, and
 * thrown on with its stack trace.
 */
export function exitWithUsableMessage(error: unknown): never {
  if (error instanceof Error && USABLE_ERRORS.some((type) => error instanceof type)) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  throw error;
}

import process from 'node:process';
import type { Config } from './config.ts';
import { ConfigError } from './config-command-line.ts';
import { ListenError } from './http/listen.ts';
import { ConnectionError } from './kubernetes/connection.ts';
import type { FlushableLogger } from './observability/logger.ts';
import { AllowlistFilesError } from './sources/file.ts';
import { CertificateError } from './tls/certificate-files.ts';
import { startWebhook, type Webhook } from './webhook.ts';

/** A signal to a process group often arrives twice. */
const REPEATED_SIGNAL_MS = 500;

/**
 * Runs the webhook as this process: from its start until a signal or a crash has it stopped. A second signal
 * ends the process at once.
 *
 * Resolves once it can decide; where it cannot start, prints why and exits with code 1.
 */
export async function run(config: Config, { logger, flush }: FlushableLogger): Promise<Webhook> {
  let webhook: Webhook | undefined;
  let stoppingSince: number | undefined;

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    webhook = await startWebhook(config, logger);
  } catch (error) {
    flush();
    exitWithUsableMessage(error);
  }
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  return webhook;

  function onSignal(signal: NodeJS.Signals): void {
    if (stoppingSince === undefined) {
      logger.info({ signal, drainDelayMs: config.drainDelayMs }, 'stopping');
      stop(0);
    } else if (performance.now() - stoppingSince > REPEATED_SIGNAL_MS) {
      logger.warn({ signal }, 'stopped at once by a second signal');
      exit(1);
    }
  }

  function crash(error: unknown): void {
    logger.fatal({ err: error }, 'crashed');
    if (stoppingSince === undefined) {
      stop(1);
    } else {
      exit(1);
    }
  }

  function stop(exitCode: number): void {
    stoppingSince = performance.now();
    // Before it can decide there is nothing to drain.
    const stopped = webhook === undefined ? Promise.resolve() : webhook.stop();
    stopped.then(() => exit(exitCode), crash);
  }

  function exit(code: number): void {
    flush();
    process.exit(code);
  }
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

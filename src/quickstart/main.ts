import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import pretty from 'pino-pretty';
import { type Config, parseConfig } from '../config/config.ts';
import { createLogger, createLoggerTo, type FlushableLogger } from '../observability/logger.ts';
import { exitWithUsableMessage, run } from '../run.ts';
import { runDemo } from './run-demo.ts';
import { createTemporaryCertificate } from './temporary-certificate.ts';

const PROJECT = join(import.meta.dirname, '../..');
const CACHE = join(PROJECT, '.cache');

// If the reader of the output goes away, such as `head`, the server runs on.
process.stdout.on('error', () => undefined);

// Until the server handles signals, a signal must not leave the files of the certificate behind.
const exitOnSignal = () => process.exit(1);
process.on('SIGINT', exitOnSignal).on('SIGTERM', exitOnSignal);

const certificate = await createTemporaryCertificate();
process.on('exit', certificate.remove);

const config = readConfig();
const running = run(config, createQuickstartLogger(config));
process.off('SIGINT', exitOnSignal).off('SIGTERM', exitOnSignal);
const { securePort } = await running;

const caFile = join(CACHE, `ca-${securePort}.crt`);
mkdirSync(CACHE, { recursive: true });
writeFileSync(caFile, trustedCertificates());
process.on('exit', () => rmSync(caFile, { force: true }));

await runDemo({
  target: {
    address: config.bindAddress ?? '127.0.0.1',
    port: securePort,
    caPem: readFileSync(caFile, 'utf8'),
  },
  host: 'localhost',
  allowlists: config.source.kind === 'file' ? config.source.allowlists : 'those of the cluster',
  reviewsDirectory: join(PROJECT, 'examples/reviews'),
  caFile,
  print: (line) => process.stdout.write(`${line}\n`),
});

/** The user's options, and for the others values that need no set-up. */
function readConfig(): Config {
  try {
    return parseConfig(process.argv.slice(2), {
      allowlists: join(PROJECT, 'examples/allowlists.yaml'),
      tlsCertFile: certificate.certFile,
      tlsPrivateKeyFile: certificate.privateKeyFile,
      bindAddress: '127.0.0.1',
      drainDelay: '0s',
    });
  } catch (error) {
    exitWithUsableMessage(error);
  }
}

function createQuickstartLogger({ logLevel }: Config): FlushableLogger {
  if (!process.stderr.isTTY) {
    return createLogger(logLevel);
  }
  const stream = pretty({ destination: process.stderr.fd, sync: true, colorize: true });
  return { logger: createLoggerTo(stream, logLevel), flush: () => undefined };
}

/** The CA of the temporary certificate, or the user's own certificate, which is trusted as it is. */
function trustedCertificates(): string {
  return config.tls.mode === 'files' && config.tls.tlsCertFile !== certificate.certFile
    ? readFileSync(config.tls.tlsCertFile, 'utf8')
    : certificate.authorityPem;
}

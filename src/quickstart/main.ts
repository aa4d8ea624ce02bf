import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Config, parseConfig } from '../config/config.ts';
import { createLogger } from '../observability/logger.ts';
import { exitWithUsableMessage, run } from '../run.ts';
import {
  createTemporaryDirectory,
  type TemporaryDirectory,
  writeCaFile,
  writeTemporaryCertificate,
} from './certificate.ts';
import { runDemo } from './demo.ts';
import { createTerminalLogger, showPath } from './terminal.ts';

const PROJECT = join(import.meta.dirname, '../..');
const LOCALHOST = '127.0.0.1';
/** Addresses that localhost reaches. */
const LOCAL_ADDRESSES = [LOCALHOST, '0.0.0.0', '::'];

// If the reader of the output goes away, such as `head`, the server runs on.
process.stdout.on('error', () => undefined);

// Whatever ends the process, it must not leave a private key behind. Once the server runs, it handles the first two.
const exitOnSignal = () => process.exit(1);
process.on('SIGINT', exitOnSignal).on('SIGTERM', exitOnSignal);
process.on('SIGHUP', exitOnSignal).on('SIGQUIT', exitOnSignal);

const directory = orExit(createTemporaryDirectory);
process.on('exit', directory.remove);

const config = orExit(() => readConfig(directory));
const address = config.bindAddress ?? LOCALHOST;
const authorityPem = await writeTemporaryCertificate(directory, address);

const terminal = process.stderr.isTTY ? createTerminalLogger(process.stderr, config.logLevel) : undefined;
const running = run(config, terminal ?? createLogger(config.logLevel));
process.off('SIGINT', exitOnSignal).off('SIGTERM', exitOnSignal);
const { securePort } = await running;

const caPem = trustedCertificates();
const caFile = writeCaFile(caPem, securePort, directory.path);
process.on('exit', () => rmSync(caFile, { force: true }));

await runDemo({
  target: { address, port: securePort, caPem },
  host: hostOf(address),
  allowlists: config.source.kind === 'file' ? showPath(config.source.allowlists) : 'those of the cluster',
  reviewsDirectory: join(PROJECT, 'examples/reviews'),
  caFile,
  print: (line) => process.stdout.write(`${line}\n`),
});
terminal?.narrated();

/** The user's options, and for the others values that need no set-up. */
function readConfig({ certFile, privateKeyFile }: TemporaryDirectory): Config {
  return parseConfig(process.argv.slice(2), {
    allowlists: join(PROJECT, 'examples/allowlists.yaml'),
    tlsCertFile: certFile,
    tlsPrivateKeyFile: privateKeyFile,
    bindAddress: LOCALHOST,
    drainDelay: '0s',
  });
}

/** The CA of the temporary certificate, or the user's own certificate, which is trusted as it is. */
function trustedCertificates(): string {
  return config.tls.mode === 'files' && config.tls.tlsCertFile !== directory.certFile
    ? readFileSync(config.tls.tlsCertFile, 'utf8')
    : authorityPem;
}

/** The host of a URL that reaches an address. */
function hostOf(address: string): string {
  if (LOCAL_ADDRESSES.includes(address)) {
    return 'localhost';
  }
  return address.includes(':') ? `[${address}]` : address;
}

function orExit<Value>(create: () => Value): Value {
  try {
    return create();
  } catch (error) {
    exitWithUsableMessage(error);
  }
}

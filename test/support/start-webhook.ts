import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/config.ts';
import { createLoggerTo } from '../../src/observability/logger.ts';
import { startWebhook, type Webhook } from '../../src/webhook.ts';
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { makeCertificate, writeCertificate } from './certificate.ts';
import type { Cleanup } from './cleanup.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A webhook in this process, on real sockets. */
export type StartedWebhook = Webhook &
  Readonly<{
    caPem: string;
    /** Where its files lie: `lists.yaml`, `tls.crt`, `tls.key`. */
    directory: string;
    /** What it has logged so far, line by line. */
    log: readonly string[];
  }>;

/** Starts a webhook on free ports of 127.0.0.1; it is stopped after the test. */
export async function startTestWebhook(t: Cleanup, ...flags: string[]): Promise<StartedWebhook> {
  const directory = temporaryDirectory(t);
  const certificate = await makeCertificate();
  const { tlsCertFile, tlsPrivateKeyFile } = writeCertificate(directory, certificate);
  const allowlists = join(directory, 'lists.yaml');
  writeFileSync(allowlists, allowlistYaml());

  const log: string[] = [];
  const webhook = await startWebhook(
    parseConfig(flags, {
      allowlists,
      tlsCertFile,
      tlsPrivateKeyFile,
      bindAddress: '127.0.0.1',
      securePort: '0',
      probePort: '0',
      drainDelay: '0s',
    }),
    createLoggerTo({ write: (line) => log.push(line) }, 'info'),
  );
  t.after(webhook.stop);
  return { ...webhook, caPem: certificate.caPem, directory, log };
}

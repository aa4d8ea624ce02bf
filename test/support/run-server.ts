import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { makeCertificate, writeCertificate } from './certificate.ts';
import type { Cleanup } from './cleanup.ts';
import { type RunningProcess, runProcess } from './run-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A server in a process of its own, and what is needed to call it. */
export type RunningServer = RunningProcess &
  Readonly<{ securePort: number; probePort: number; caPem: string; directory: string }>;

export type ServerOptions = Readonly<{
  flags?: readonly string[];
  /** What runs: node with options of its own, or another command in front of it. */
  command?: readonly [string, ...string[]];
}>;

/** Starts the server as production does, on free ports, and waits until it is ready. */
export async function runServer(
  t: Cleanup,
  { flags = [], command: [command, ...args] = ['node'] }: ServerOptions = {},
): Promise<RunningServer> {
  const directory = temporaryDirectory(t);
  const certificate = await makeCertificate();
  const files = writeCertificate(directory, certificate);
  const allowlists = join(directory, 'lists.yaml');
  writeFileSync(allowlists, allowlistYaml());
  const server = runProcess(t, command, [
    ...args,
    'src/main.ts',
    `--allowlists=${allowlists}`,
    `--tls-cert-file=${files.tlsCertFile}`,
    `--tls-private-key-file=${files.tlsPrivateKeyFile}`,
    '--bind-address=127.0.0.1',
    '--secure-port=0',
    '--probe-port=0',
    ...flags,
  ]);
  const [, securePort, probePort] = await server.saysOnStderr(
    /"securePort":(\d+),"probePort":(\d+).*"msg":"ready"/,
  );
  return {
    ...server,
    securePort: Number(securePort),
    probePort: Number(probePort),
    caPem: certificate.caPem,
    directory,
  };
}

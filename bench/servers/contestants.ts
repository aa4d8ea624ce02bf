import { join } from 'node:path';
import type { TemporaryDirectory } from '../../src/quickstart/certificate.ts';
import { acceptsConnections, answersReady, findFreePort } from './ports.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** A server to be measured, and how it is started. */
export type Contestant = Readonly<{
  name: string;
  /** Tells whether it writes a log line for each request. */
  isLogged: boolean;
  /** Chooses ports, for one start. */
  prepare: () => Promise<Start>;
}>;

export type Start = Readonly<{
  args: readonly string[];
  port: number;
  isReady: () => Promise<boolean>;
}>;

/** Our server, started with the flags of the image and the example's allowlists. */
export function webhook(logLevel: 'warn' | 'info', certificate: TemporaryDirectory): Contestant {
  return {
    name: logLevel === 'warn' ? 'webhook' : `webhook, log level ${logLevel}`,
    isLogged: logLevel === 'info',
    prepare: async () => {
      const [port, probePort] = [await findFreePort(), await findFreePort()];
      const options = {
        allowlists: join(PROJECT, 'examples/allowlists.yaml'),
        'tls-cert-file': certificate.certFile,
        'tls-private-key-file': certificate.privateKeyFile,
        'bind-address': '127.0.0.1',
        'secure-port': port,
        'probe-port': probePort,
        'log-level': logLevel,
      };
      return {
        args: [
          join(PROJECT, 'dist/eci-ram-role-webhook.cjs'),
          ...Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
        ],
        port,
        isReady: () => answersReady(probePort),
      };
    },
  };
}

/** A program of baselines/, bundled. */
export function baseline(name: string, program: string, certificate: TemporaryDirectory): Contestant {
  return {
    name,
    isLogged: false,
    prepare: async () => {
      const port = await findFreePort();
      return {
        args: [program, certificate.certFile, certificate.privateKeyFile, String(port)],
        port,
        isReady: () => acceptsConnections(port),
      };
    },
  };
}

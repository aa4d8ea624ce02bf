import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, writeCertificate } from '../../../support/certificate.ts';
import { type Child, startChild } from '../child.ts';

/** The API server of the siege, in a process of its own. */
export type ApiServer = Readonly<{
  kubeconfig: string;
  /** Replaces all allowlists by the honest one and those of an attack. */
  load: (attack: string | undefined) => Promise<unknown>;
  /** Begins to change allowlists as an attack says. */
  change: (attack: string) => void;
  /** Changes no more of them. */
  rest: () => Promise<unknown>;
  /** The most connections at once since the last call. */
  countConnections: () => Promise<number>;
  stop: Child['stop'];
}>;

export async function startApiServer(directory: string, certificate: Certificate): Promise<ApiServer> {
  const { tlsCertFile, tlsPrivateKeyFile } = writeCertificate(directory, certificate);
  const child = startChild(join(import.meta.dirname, 'main.ts'), [tlsCertFile, tlsPrivateKeyFile]);
  const port = await child.receive();
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'siege',
          cluster: {
            server: `https://127.0.0.1:${port}`,
            'certificate-authority-data': Buffer.from(certificate.caPem).toString('base64'),
          },
        },
      ],
      users: [{ name: 'webhook', user: { token: 'token' } }],
      contexts: [{ name: 'siege', context: { cluster: 'siege', user: 'webhook' } }],
      'current-context': 'siege',
    }),
  );
  return {
    kubeconfig,
    load: (attack) => {
      child.send({ command: 'load', attack });
      return child.receive();
    },
    change: (attack) => child.send({ command: 'change', attack }),
    rest: () => {
      child.send({ command: 'rest' });
      return child.receive();
    },
    countConnections: async () => {
      child.send({ command: 'count' });
      return Number(await child.receive());
    },
    stop: child.stop,
  };
}

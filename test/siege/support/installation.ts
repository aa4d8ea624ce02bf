import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowlistYaml } from '../../builders/allowlist-yaml.ts';
import { makeCertificate, writeCertificate } from '../../support/certificate.ts';
import { type ApiServer, startApiServer } from './api-server/process.ts';
import type { Attack, Topic } from './attack.ts';
import { startWebhookProcess, type WebhookProcess } from './webhook-process.ts';

/** The replicas of a topic, and the API server if they have one. */
export type Installation = Readonly<{
  replicas: readonly WebhookProcess[];
  apiServer: ApiServer | undefined;
  stop: () => Promise<void>;
}>;

/**
 * Starts the replicas of a topic and waits until all are ready, with the allowlists of an attack if one is given.
 *
 * @throws if a replica does not become ready
 */
export async function install({ source, replicas: count }: Topic, attack?: Attack): Promise<Installation> {
  const directory = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-siege-'));
  const certificate = await makeCertificate();
  const { tlsCertFile, tlsPrivateKeyFile } = writeCertificate(directory, certificate);
  const apiDirectory = join(directory, 'api-server');
  mkdirSync(apiDirectory, { recursive: true });
  const apiServer = source === 'cluster' ? await startApiServer(apiDirectory, certificate) : undefined;
  await apiServer?.load(attack?.name);
  const lists = join(directory, 'lists.yaml');
  writeFileSync(lists, allowlistYaml());
  const flags = [
    `--tls-cert-file=${tlsCertFile}`,
    `--tls-private-key-file=${tlsPrivateKeyFile}`,
    ...(apiServer === undefined
      ? [`--allowlists=${lists}`]
      : ['--source=cluster', `--kubeconfig=${apiServer.kubeconfig}`]),
  ];
  const replicas = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startWebhookProcess(`replica-${index + 1}`, directory, flags),
    ),
  );
  const stop = async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await apiServer?.stop();
    rmSync(directory, { recursive: true });
  };
  try {
    await Promise.all(replicas.map(({ untilReady }) => untilReady()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { replicas, apiServer, stop };
}

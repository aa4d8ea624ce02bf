import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { ApiClient } from './api-client.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { AddressBlock } from './claim-addresses.ts';
import {
  apiServerFlags,
  auditPolicy,
  controllerManagerFlags,
  etcdFlags,
  schedulerFlags,
} from './control-plane-flags.ts';
import type { ToolName, ToolPaths } from './find-tools.ts';
import { dieWithParent, type RunningProcess, startProcess } from './start-process.ts';
import { formatTokenFile, type Users } from './users.ts';
import { PermanentError, waitFor } from './wait-for.ts';

export type Components = {
  stopApiServer(): Promise<void>;
  /** Resolves when the API server is ready. */
  startApiServer(): Promise<void>;
  /** A description of each component that has ended without being told to. */
  failures(): string[];
  stop(): Promise<void>;
};

export type ComponentsOptions = {
  tools: ToolPaths;
  addresses: AddressBlock;
  authority: CertificateAuthority;
  users: Users;
  client: ApiClient;
  directory: string;
  logsDirectory: string;
  controllerManagerKubeconfigPath: string;
  schedulerKubeconfigPath: string;
  apiServerFlags: string[];
  /** Writes a file into the directory and returns its path. */
  write(name: string, text: string): string;
};

/** Starts the four components in order, each when the one before is ready. */
export async function startComponents(options: ComponentsOptions): Promise<Components> {
  const { addresses, authority, client, directory, logsDirectory, users, write } = options;
  const host = addresses.controlPlaneAddress;
  const serving = await authority.issue({
    commonName: 'kube-apiserver',
    addresses: [host, addresses.kubernetesServiceAddress],
    names: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ],
  });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const files = {
    ca: write('ca.crt', authority.certificate),
    certificate: write('apiserver.crt', serving.certificate),
    privateKey: write('apiserver.key', serving.privateKey),
    signingKey: write('service-account.key', privateKey),
    verificationKey: write('service-account.pub', publicKey),
    tokens: write('tokens.csv', formatTokenFile(users)),
    auditPolicy: write('audit-policy.yaml', auditPolicy),
    auditLog: join(logsDirectory, 'audit.log'),
  };
  const running = new Map<ToolName, RunningProcess>();

  function start(name: ToolName, flags: string[]): void {
    const [command, args] = dieWithParent(options.tools[name], flags);
    // Collecting garbage less often takes a third of the processor time, for 100 MB.
    const env = { PATH: process.env['PATH'] ?? '', HOME: directory, GOGC: '400' };
    running.set(
      name,
      startProcess({ name, command, args, env, logPath: join(logsDirectory, `${name}.log`) }),
    );
  }

  /** Waits for a component by a probe, and gives up at once when one of them has ended. */
  function waitUntil(what: string, probe: () => Promise<boolean>): Promise<boolean> {
    return waitFor(what, async () => {
      const [failure] = failures();
      if (failure !== undefined) {
        throw new PermanentError(failure);
      }
      return probe();
    });
  }

  function failures(): string[] {
    return [...running.values()].filter((one) => one.exit() !== undefined).map((one) => one.describe());
  }

  async function stopOne(name: ToolName, graceMs: number): Promise<void> {
    const one = running.get(name);
    running.delete(name);
    await one?.stop(graceMs);
  }

  async function startApiServer(): Promise<void> {
    start('kube-apiserver', [...apiServerFlags({ addresses, files }), ...options.apiServerFlags]);
    await waitUntil('kube-apiserver to be ready', async () => (await client.sendForText('/readyz')) === 'ok');
  }

  async function stop(): Promise<void> {
    // The API server goes before etcd, else it spends its grace period on retries.
    await Promise.all([stopOne('kube-scheduler', 2000), stopOne('kube-controller-manager', 2000)]);
    await stopOne('kube-apiserver', 2000);
    await stopOne('etcd', 2000);
  }

  try {
    start('etcd', etcdFlags({ host, dataDirectory: join(directory, 'etcd') }));
    await waitUntil('etcd to be healthy', async () => (await fetch(`http://${host}:2379/health`)).ok);
    await startApiServer();
    start(
      'kube-controller-manager',
      controllerManagerFlags({ kubeconfigPath: options.controllerManagerKubeconfigPath, files }),
    );
    start('kube-scheduler', schedulerFlags({ kubeconfigPath: options.schedulerKubeconfigPath }));
    await waitUntil('the default ServiceAccount and the root CA ConfigMap', async () => {
      await client.send('GET', '/api/v1/namespaces/default/serviceaccounts/default');
      await client.send('GET', '/api/v1/namespaces/default/configmaps/kube-root-ca.crt');
      return true;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { startApiServer, stopApiServer: () => stopOne('kube-apiserver', 2000), failures, stop };
}

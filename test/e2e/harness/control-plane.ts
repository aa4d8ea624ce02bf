import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type CertificateAuthority, createCertificateAuthority } from './certificate-authority.ts';
import { type AddressBlock, apiServerPort, claimAddresses } from './claim-addresses.ts';
import { type Components, startComponents } from './control-plane-components.ts';
import { findTools, type ToolPaths } from './find-tools.ts';
import { formatKubeconfig } from './kubeconfig.ts';
import { type CommandOptions, type CommandResult, runCommand, SHORT_LIVED } from './run-command.ts';
import { createUsers, type UserName, type Users } from './users.ts';

export type KubectlOptions = CommandOptions & {
  /** Who acts; admin when left out. */
  as?: UserName;
};

export type ControlPlane = {
  readonly tools: ToolPaths;
  readonly apiServerUrl: string;
  /** Where the API server listens. */
  readonly apiServer: { host: string; port: number };
  /** Has a context for each user; admin's is current. */
  readonly kubeconfigPath: string;
  /** The cluster's CA, which issued the API server's certificate: as a file, and able to issue more. */
  readonly caPath: string;
  readonly authority: CertificateAuthority;
  readonly users: Users;
  readonly adminToken: string;
  readonly serviceRange: string;
  readonly addresses: AddressBlock;
  /** Everything that belongs to this control plane lies below this directory. */
  readonly directory: string;
  /** One file for each component; the API server's audit log is audit.log. */
  readonly logsDirectory: string;
  /** A client that acts as admin. */
  readonly client: ApiClient;
  /** Runs kubectl against this control plane; a non-zero exit code is a result. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<CommandResult>;
  /** SIGTERM, then SIGKILL after two seconds: open watches would keep it for longer. */
  stopApiServer(): Promise<void>;
  /** Resolves when it is ready again. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Ends every component and removes the directory; throws when a component had ended by itself before. */
  stop(): Promise<void>;
};

export type ControlPlaneOptions = {
  /** Kept at the end when given. Otherwise one is made, and kept only when E2E_DIRECTORY says where. */
  directory?: string;
  /** Further flags of the API server. */
  apiServerFlags?: string[];
};

/**
 * Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler on loopback addresses that no other control
 * plane uses. Resolves when pods can be created; rejects, with nothing left running, naming the component that failed
 * and the end of its log.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const tools = findTools();
  const keptDirectory = process.env['E2E_DIRECTORY'];
  const addresses = await claimAddresses();
  const directory = options.directory ?? mkdtempSync(join(keptDirectory ?? tmpdir(), 'e2e-'));
  const logsDirectory = join(directory, 'logs');
  mkdirSync(logsDirectory, { recursive: true });

  const authority = await createCertificateAuthority('e2e');
  const users = createUsers();
  const apiServer = { host: addresses.controlPlaneAddress, port: apiServerPort };
  const apiServerUrl = `https://${apiServer.host}:${apiServer.port}`;
  const caCertificate = authority.certificate;
  const client = createApiClient({ serverUrl: apiServerUrl, caCertificate, token: users.admin.token });
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const writeKubeconfig = (name: string, currentContext: UserName): string =>
    write(name, formatKubeconfig({ serverUrl: apiServerUrl, caCertificate, users, currentContext }));
  const kubeconfigPath = writeKubeconfig('kubeconfig', 'admin');

  async function release(components?: Components): Promise<void> {
    client.close();
    await components?.stop();
    await addresses.release();
    if (options.directory === undefined && keptDirectory === undefined) {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  try {
    const components = await startComponents({
      ...{ tools, addresses, authority, users, client, directory, logsDirectory, write },
      controllerManagerKubeconfigPath: writeKubeconfig('controller-manager.kubeconfig', 'controller-manager'),
      schedulerKubeconfigPath: writeKubeconfig('scheduler.kubeconfig', 'scheduler'),
      apiServerFlags: options.apiServerFlags ?? [],
    });
    return {
      ...{
        tools,
        apiServer,
        apiServerUrl,
        kubeconfigPath,
        authority,
        users,
        addresses,
        directory,
        logsDirectory,
        client,
      },
      caPath: join(directory, 'ca.crt'),
      adminToken: users.admin.token,
      serviceRange: addresses.serviceRange,
      kubectl: (args, { as = 'admin', ...rest } = {}) =>
        runCommand(tools.kubectl, ['--kubeconfig', kubeconfigPath, '--context', as, ...args], {
          ...rest,
          env: { ...SHORT_LIVED, KUBECACHEDIR: join(directory, 'kubectl-cache'), ...rest.env },
        }),
      stopApiServer: components.stopApiServer,
      startApiServer: components.startApiServer,
      async restartApiServer() {
        await components.stopApiServer();
        await components.startApiServer();
      },
      async stop() {
        const failures = components.failures();
        await release(components);
        if (failures.length > 0) {
          throw new Error(failures.join('\n'));
        }
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

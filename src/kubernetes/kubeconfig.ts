import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';

/** API servers close idle connections after 90 s; ours close first, so that no request meets the end of a connection. */
const IDLE_CONNECTION_MS = 30_000;

/** The options for requests to the API server, as they were read. */
export type Connection = Readonly<{
  /** With the agent and the headers of the credentials. */
  options: RequestOptions;
  /** What the agent was created for: the address and the certificates. */
  endpoint: unknown;
  /** The content of each file that the options come from, by path. */
  files: ReadonlyMap<string, string>;
}>;

/**
 * Creates the function that reads the options from a kubeconfig file or, if none is given, from the files that Kubernetes
 * mounts into a pod. It takes over the parts of the previous connection that have not changed.
 */
export async function createConfigReader(
  kubeconfig: string | undefined,
): Promise<(previous?: Connection) => Promise<Connection>> {
  // Imported when needed, and only this module: the index of the library would load every model of the API, 8 MB.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');

  return async (previous) => {
    // The files first: one that changes in between is then found to have changed.
    const files = new Map<string, string>();
    const config = new KubeConfig();
    if (kubeconfig === undefined) {
      config.loadFromCluster();
    } else {
      const content = readFileSync(kubeconfig, 'utf8');
      files.set(kubeconfig, content);
      config.loadFromString(content);
      config.makePathsAbsolute(dirname(kubeconfig));
    }
    for (const path of filesOf(config)) {
      files.set(path, readFileSync(path, 'utf8'));
    }
    return { ...(await readOptions(config, previous)), files };
  };
}

/** Whether a file has other content than when it was read; one that cannot be read has not. */
export function haveChanged({ files }: Connection): boolean {
  try {
    return [...files].some(([path, content]) => readFileSync(path, 'utf8') !== content);
  } catch {
    return false;
  }
}

/** Closes the connections of the options' agent that no request uses. */
export function closeIdleConnections({ agent }: RequestOptions): void {
  if (agent instanceof HttpAgent) {
    for (const sockets of Object.values(agent.freeSockets)) {
      for (const socket of sockets ?? []) {
        socket.destroy();
      }
    }
  }
}

function filesOf(config: KubeConfig): readonly string[] {
  const user = config.getCurrentUser();
  const tokenFile: unknown = user?.authProvider?.config?.tokenFile;
  const paths: readonly unknown[] = [
    config.getCurrentCluster()?.caFile,
    user?.certFile,
    user?.keyFile,
    tokenFile,
  ];
  return paths.filter((path) => typeof path === 'string');
}

/** Reads the options for requests to the cluster of a kubeconfig's current context. */
export async function toRequestOptions(config: KubeConfig): Promise<RequestOptions> {
  return (await readOptions(config, undefined)).options;
}

async function readOptions(
  config: KubeConfig,
  previous: Connection | undefined,
): Promise<Omit<Connection, 'files'>> {
  const cluster = config.getCurrentCluster();
  const { protocol, hostname, port } = new URL(cluster?.server ?? '');
  const address = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: port || 443 };
  const read: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(read);

  const { headers, auth, agent, ...tls } = read;
  const endpoint = { ...address, tls, proxy: cluster?.proxyUrl };
  if (previous === undefined || !isDeepStrictEqual(previous.endpoint, endpoint)) {
    // Connections through a proxy, and without TLS, have the agent of the library, which closes them after each request.
    const isDirect = protocol === 'https:' && cluster?.proxyUrl === undefined;
    return { endpoint, options: { ...address, headers, auth, agent: isDirect ? createAgent(tls) : agent } };
  }
  const options = { ...address, headers, auth, agent: previous.options.agent };
  return { endpoint, options: isDeepStrictEqual(previous.options, options) ? previous.options : options };
}

/** An agent builds a TLS context for every connection, unless it is given one. */
function createAgent({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions): Agent {
  return new Agent({
    keepAlive: true,
    timeout: IDLE_CONNECTION_MS,
    secureContext: createSecureContext({ ca, cert, key }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  });
}

import type { RequestOptions } from 'node:https';
import { errorMessage } from '../files/error-message.ts';

/** How to reach the API server and as whom: read anew for every call, since tokens and certificates rotate. */
export type Connect = () => Promise<RequestOptions>;

/** The API server cannot be reached as configured; the message says what is missing. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

/**
 * Reads how to reach the API server: from a kubeconfig file, or, where none is given, from what Kubernetes mounts
 * into a pod.
 *
 * @throws {ConnectionError} where neither is to be had
 */
export async function readConnection(kubeconfig: string | undefined): Promise<Connect> {
  // Only when needed, and only this module of the library: its index would bring every model of the API, 8 MB of code.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');

  const connect = async (): Promise<RequestOptions> => {
    const config = new KubeConfig();
    if (kubeconfig === undefined) {
      config.loadFromCluster();
    } else {
      config.loadFromFile(kubeconfig);
    }
    const { protocol, hostname, port } = new URL(config.getCurrentCluster()?.server ?? '');
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    return { ...options, protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: port || 443 };
  };

  try {
    await connect();
  } catch (error) {
    throw new ConnectionError(
      kubeconfig === undefined
        ? 'the API server: expected to run in a pod with a ServiceAccount token, or --kubeconfig, found neither'
        : `--kubeconfig: expected a kubeconfig with a current context in ${kubeconfig}, found ${errorMessage(error)}`,
    );
  }
  return connect;
}

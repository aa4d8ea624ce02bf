import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import * as z from 'zod';
import { optionInfo } from '../../config/parse.ts';
import { type ApiClient, createApiClient } from '../../kubernetes/client.ts';
import { toRequestOptions } from '../../kubernetes/kubeconfig.ts';
import { nearest } from '../../text/edit-distance.ts';
import { errorMessage, quoted } from '../../text/printable.ts';
import { UsableError } from '../../text/problem.ts';

/** The options of every command that can ask a cluster. */
export const CLUSTER_OPTIONS = {
  kubeconfig: z.string().min(1, { error: 'a file' }).optional().register(optionInfo, {
    argument: 'file',
    description:
      'kubeconfig for the cluster (default: $KUBECONFIG, ~/.kube/config, or the ServiceAccount of the pod)',
  }),
  context: z.string().min(1, { error: 'the name of a context' }).optional().register(optionInfo, {
    argument: 'name',
    description: 'context of the kubeconfig (default: its current context)',
  }),
};

/** How the user names a cluster. */
export type ClusterOptions = Readonly<{ kubeconfig?: string | undefined; context?: string | undefined }>;

const MAX_CONTEXT_TYPOS = 3;

/** The server of a configuration in which nothing was found. */
const NO_SERVER = 'http://localhost:8080';

/**
 * Creates the client of the API server by the rules of kubectl: the file, `KUBECONFIG`, `~/.kube/config`, the
 * ServiceAccount of the pod.
 *
 * @throws {UsableError} if there is none of them, or the context does not exist
 */
export async function connect({ kubeconfig, context }: ClusterOptions): Promise<ApiClient> {
  // Imported when needed: the library takes time to load, and most commands need no cluster.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) {
      config.loadFromDefault();
    } else {
      config.loadFromFile(kubeconfig);
    }
  } catch (error) {
    throw new UsableError(
      `--kubeconfig: expected a kubeconfig that can be read, found ${errorMessage(error)}`,
    );
  }
  if (context !== undefined) {
    useContext(config, context);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || (kubeconfig === undefined && server === NO_SERVER)) {
    throw new UsableError(
      'the cluster: expected a kubeconfig with a current context, found none; name one with --kubeconfig, or files with --allowlists',
    );
  }
  const options = await toRequestOptions(config).catch((error: unknown) => {
    throw new UsableError(
      `the cluster: expected credentials of the kubeconfig's user, found ${errorMessage(error)}`,
    );
  });
  return createApiClient(async () => options);
}

function useContext(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    const suggestion = nearest(context, names, MAX_CONTEXT_TYPOS);
    const end =
      suggestion === undefined ? `; it has ${names.join(', ') || 'none'}` : `; did you mean ${suggestion}?`;
    throw new UsableError(`--context: expected a context of the kubeconfig, found ${quoted(context)}${end}`);
  }
  config.setCurrentContext(context);
}

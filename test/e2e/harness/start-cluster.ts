import {
  type ControlPlane,
  type ControlPlaneOptions,
  type KubectlOptions,
  startControlPlane,
} from './control-plane.ts';
import type { ImageMap } from './node-agent/image-map.ts';
import { type NodeAgent, startNodeAgent } from './node-agent.ts';
import { type ServiceProxy, startServiceProxy } from './service-proxy.ts';
import { messageOf } from './wait-for.ts';

export type Cluster = {
  readonly controlPlane: ControlPlane;
  readonly nodeAgent: NodeAgent;
  readonly serviceProxy: ServiceProxy;
  /** Runs kubectl and returns its trimmed standard output; throws, with what it said, on any exit code but 0. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** `kubectl apply` of objects; throws as kubectl does. */
  apply(objects: readonly object[], options?: KubectlOptions): Promise<string>;
  stop(): Promise<void>;
};

export type ClusterOptions = ControlPlaneOptions & {
  /** What to run for which image; unknown ones are pretended. */
  images?: ImageMap;
};

/** Starts a control plane, one node and the service proxy; what had started is stopped when one of them fails. */
export async function startCluster({ images = {}, ...options }: ClusterOptions = {}): Promise<Cluster> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    // One that fails to stop keeps no other one running.
    for (const stopOne of stops.splice(0).reverse()) {
      await stopOne().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) {
      throw new AggregateError(failures, failures.map(messageOf).join('\n'));
    }
  };
  try {
    const controlPlane = await startControlPlane(options);
    stops.push(controlPlane.stop);
    const serviceProxy = await startServiceProxy(controlPlane);
    stops.push(serviceProxy.stop);
    const nodeAgent = await startNodeAgent({ controlPlane, images });
    stops.push(nodeAgent.stop);
    const kubectl: Cluster['kubectl'] = async (args, kubectlOptions) => {
      const { code, stdout, stderr } = await controlPlane.kubectl(args, kubectlOptions);
      if (code !== 0) {
        throw new Error(`kubectl ${args.join(' ')} ended with code ${code}: ${stderr.trim()}`);
      }
      return stdout.trim();
    };
    return {
      ...{ controlPlane, nodeAgent, serviceProxy, kubectl, stop },
      apply: (objects, kubectlOptions) =>
        kubectl(['apply', '-f', '-'], { ...kubectlOptions, input: formatList(objects) }),
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** One List of objects for kubectl's standard input, in JSON: to kubectl's YAML a bare `yes` is a boolean. */
export function formatList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

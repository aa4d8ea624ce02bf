import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';
import type { ConfigMap, Pod, Secret } from './kubernetes-objects.ts';
import { type Mirror, startMirror } from './mirror-objects.ts';
import type { ImageMap } from './node-agent/image-map.ts';
import { logsPort, startLogsServer } from './node-agent/logs-server.ts';
import { registerNode } from './node-agent/node-object.ts';
import { createPodRunner, type PodRunner } from './node-agent/pod-runner.ts';

export type NodeAgent = {
  readonly nodeName: string;
  /** What the container of a pod has written so far, over all its restarts; empty when there is nothing. */
  readLog(pod: { namespace: string; name: string; container: string }): string;
  /** The file behind readLog; it outlives the pod. */
  logPath(pod: { namespace: string; name: string; container: string }): string;
  /** Kills what still runs and removes the Node. */
  stop(): Promise<void>;
};

export type NodeAgentOptions = {
  controlPlane: ControlPlane;
  /** What to run for which image; unknown ones are pretended. Read at each start of a container. */
  images: ImageMap;
  /** `node-1` when left out. */
  nodeName?: string;
  labels?: Record<string, string>;
};

const tokenCheckMs = 10_000;

/**
 * Plays the kubelet of one node: runs the pods that the scheduler binds to it as processes of this machine, each on a
 * loopback address of its own. Resolves when the node is Ready.
 */
export async function startNodeAgent(options: NodeAgentOptions): Promise<NodeAgent> {
  const { controlPlane, images, nodeName = 'node-1', labels = {} } = options;
  const { addresses, client, logsDirectory } = controlPlane;
  const nodeAddress = addresses.takeNodeAddress();
  const podLogsDirectory = join(logsDirectory, 'pods');
  mkdirSync(podLogsDirectory, { recursive: true });
  const runners = new Map<string, { namespace: string | undefined; runner: PodRunner }>();
  let secrets: Mirror<Secret> | undefined;
  let configMaps: Mirror<ConfigMap> | undefined;

  const logPath: NodeAgent['logPath'] = ({ namespace, name, container }) =>
    join(podLogsDirectory, `${namespace}_${name}_${container}.log`);

  function applyPod(pod: Pod): void {
    const { uid, namespace = '', name } = pod.metadata;
    const known = runners.get(uid);
    if (known !== undefined) {
      known.runner.update(pod);
      return;
    }
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
      return;
    }
    const podAddress = addresses.takePodAddress();
    const runner = createPodRunner({
      ...{ client, images, pod },
      inputs: {
        ...{ nodeName, nodeAddress, podAddress },
        getSecret: (secret) => secrets?.get(namespace, secret),
        getConfigMap: (configMap) => configMaps?.get(namespace, configMap),
        kubernetesService: { host: addresses.kubernetesServiceAddress, port: 443 },
      },
      directory: join(controlPlane.directory, 'pods', uid),
      logPathOf: (container) => logPath({ namespace, name, container }),
    });
    runners.set(uid, { namespace, runner });
    runner.gone.then(() => {
      runners.delete(uid);
      addresses.releasePodAddress(podAddress);
    });
    runner.update(pod);
  }

  function refreshVolumes(namespace?: string): void {
    for (const one of runners.values()) {
      if (namespace === undefined || one.namespace === namespace) {
        one.runner.refreshVolumes();
      }
    }
  }

  const node = await registerNode({ client, name: nodeName, address: nodeAddress, labels, logsPort });
  const logsServer = await startLogsServer({
    authority: controlPlane.authority,
    address: nodeAddress,
    logPath,
  });
  const refreshNamespace = (_: unknown, { metadata }: Secret | ConfigMap) =>
    refreshVolumes(metadata.namespace);
  secrets = await startMirror<Secret>({ client, path: '/api/v1/secrets', onChange: refreshNamespace });
  configMaps = await startMirror<ConfigMap>({
    client,
    path: '/api/v1/configmaps',
    onChange: refreshNamespace,
  });
  const pods = await startMirror<Pod>({
    client,
    path: '/api/v1/pods',
    query: { fieldSelector: `spec.nodeName=${nodeName}` },
    onChange(type, pod) {
      if (type === 'applied') {
        applyPod(pod);
      } else {
        runners.get(pod.metadata.uid)?.runner.kill();
      }
    },
  });
  // Tokens are renewed by time, not by a change.
  const timer = setInterval(refreshVolumes, tokenCheckMs);

  return {
    nodeName,
    logPath,
    readLog(pod) {
      try {
        return readFileSync(logPath(pod), 'utf8');
      } catch {
        return '';
      }
    },
    async stop() {
      clearInterval(timer);
      await Promise.all([pods.stop(), secrets.stop(), configMaps.stop()]);
      const rest = [...runners.values()].map(({ runner }) => runner);
      for (const runner of rest) {
        runner.kill();
      }
      await Promise.all(rest.map((runner) => runner.gone));
      await logsServer.stop();
      await node.stop();
    },
  };
}

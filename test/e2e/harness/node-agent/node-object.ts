import { type ApiClient, ApiError } from '../api-client.ts';

const heartbeatMs = 5000;

export type NodeRegistration = {
  /** Stops the heartbeat and removes the Node. */
  stop(): Promise<void>;
};

export type NodeOptions = {
  client: ApiClient;
  name: string;
  address: string;
  labels: Record<string, string>;
  /** Where the API server asks for logs. */
  logsPort: number;
};

/** Creates a Node that is Ready, with room for 500 pods, and keeps its Lease fresh. */
export async function registerNode({
  client,
  name,
  address,
  labels,
  logsPort,
}: NodeOptions): Promise<NodeRegistration> {
  const resources = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '256Gi', pods: '500' };
  const now = new Date().toISOString();
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  await client.send('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels },
    },
  });
  const status = {
    capacity: resources,
    allocatable: resources,
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      { type: 'Ready', status: 'True', reason: 'NodeAgentReady', ...times },
      ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
        ...{ type, status: 'False', reason: 'NodeAgentReady', ...times },
      })),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: logsPort } },
    nodeInfo: { kubeletVersion: 'v1.37.2', operatingSystem: 'linux', architecture: process.arch },
  };
  await client.send('PATCH', `/api/v1/nodes/${name}/status`, { status }, 'application/merge-patch+json');
  // The controller manager takes it off by itself, but only when it next looks at the node.
  await client.send(
    'PATCH',
    `/api/v1/nodes/${name}`,
    { spec: { taints: [] } },
    'application/merge-patch+json',
  );

  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  async function beat(): Promise<void> {
    // MicroTime wants six digits of a second.
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
    // Written again each time, because the controller manager changes it when beats stay away for long.
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'NodeAgentReady', lastHeartbeatTime: new Date() },
    ];
    const patch = { status: { conditions } };
    await client.send(
      'PATCH',
      `/api/v1/nodes/${name}/status`,
      patch,
      'application/strategic-merge-patch+json',
    );
    try {
      await client.send('PATCH', `${leases}/${name}`, { spec }, 'application/merge-patch+json');
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
        await client.send('POST', leases, lease);
      }
    }
  }
  await beat();
  // While the API server is away a beat is lost, and the next one makes up for it.
  const timer = setInterval(() => beat().catch(() => undefined), heartbeatMs);
  return {
    async stop() {
      clearInterval(timer);
      await client.send('DELETE', `/api/v1/nodes/${name}`).catch(() => undefined);
    },
  };
}

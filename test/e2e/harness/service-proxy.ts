import type { ApiClient } from './api-client.ts';
import type { Pod, Service } from './kubernetes-objects.ts';
import { checkLowPorts } from './low-ports.ts';
import { type Mirror, startMirror } from './mirror-objects.ts';
import { type Backend, findBackends } from './service-backends.ts';
import { createServiceListener, type ServiceListener } from './service-listener.ts';

export type ServiceProxy = {
  /** Where connections to `default/kubernetes` go from now on; open ones stay where they are. */
  setApiServer(backend: Backend): void;
  /** The addresses that accept connections now, as `address:port`. */
  listening(): string[];
  /** Closes every port and cuts every connection. */
  stop(): Promise<void>;
};

export type ServiceProxyOptions = {
  client: ApiClient;
  /** Where the API server listens: `default/kubernetes` has no selector. */
  apiServer: Backend;
};

/**
 * Plays kube-proxy: listens on every ClusterIP and TCP port of every Service, and hands each connection to one of the
 * pods that the selector names and that are Ready and not being deleted. A port without such a pod is not listened on,
 * so that a client is refused at once, as by kube-proxy. Backends come from the pods themselves, because EndpointSlices
 * refuse loopback addresses. Resolves when the Services that exist are reachable.
 */
export async function startServiceProxy({ client, apiServer }: ServiceProxyOptions): Promise<ServiceProxy> {
  checkLowPorts();
  const listeners = new Map<string, ServiceListener>();
  let apiServerBackend = apiServer;
  let services: Mirror<Service> | undefined;
  let pods: Mirror<Pod> | undefined;

  function update(): void {
    if (services === undefined || pods === undefined) {
      return;
    }
    const wanted = new Set<string>();
    const allPods = pods.list();
    for (const service of services.list()) {
      for (const { address, port, backends } of findBackends(service, allPods, apiServerBackend)) {
        const key = `${address}:${port}`;
        wanted.add(key);
        const listener = listeners.get(key) ?? createServiceListener(address, port);
        listeners.set(key, listener);
        listener.setBackends(backends);
      }
    }
    for (const [key, listener] of listeners) {
      if (!wanted.has(key)) {
        listener.setBackends([]);
        listeners.delete(key);
      }
    }
  }

  services = await startMirror<Service>({ client, path: '/api/v1/services', onChange: update });
  pods = await startMirror<Pod>({ client, path: '/api/v1/pods', onChange: update });
  update();
  await Promise.all([...listeners.values()].map((listener) => listener.settled()));

  return {
    setApiServer(backend) {
      apiServerBackend = backend;
      update();
    },
    listening: () => [...listeners].filter(([, listener]) => listener.isListening()).map(([key]) => key),
    async stop() {
      await Promise.all([services.stop(), pods.stop()]);
      await Promise.all([...listeners.values()].map((listener) => listener.stop()));
    },
  };
}

import { isReady, type Pod, resolvePort, type Service } from './kubernetes-objects.ts';

/** Where a connection goes. */
export type Backend = { host: string; port: number };

/** One ClusterIP and TCP port, with the pods that may serve it. */
export type ServicePort = { address: string; port: number; backends: Backend[] };

/** The TCP ports of a Service that has a ClusterIP; none for a headless one or an ExternalName. */
export function findBackends(service: Service, pods: readonly Pod[], apiServer: Backend): ServicePort[] {
  const { clusterIP, ports = [], selector } = service.spec;
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') {
    return [];
  }
  const isApiServer = service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes';
  const serving = selector === undefined ? [] : pods.filter((pod) => isServing(pod, service, selector));
  return ports
    .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
    .map(({ port, targetPort = port }) => ({
      address: clusterIP,
      port,
      backends: isApiServer ? [apiServer] : serving.flatMap((pod) => backendOf(pod, targetPort)),
    }));
}

function isServing(pod: Pod, service: Service, selector: Record<string, string>): boolean {
  const labels = pod.metadata.labels ?? {};
  return (
    pod.metadata.namespace === service.metadata.namespace &&
    pod.metadata.deletionTimestamp === undefined &&
    Object.entries(selector).every(([key, value]) => labels[key] === value) &&
    (isReady(pod) || service.spec.publishNotReadyAddresses === true)
  );
}

/** A pod without an address, or without a port of that name, is no backend. */
function backendOf(pod: Pod, targetPort: number | string): Backend[] {
  const host = pod.status?.podIP;
  if (host === undefined || host === '') {
    return [];
  }
  try {
    return [{ host, port: resolvePort(targetPort, pod.spec.containers) }];
  } catch {
    return [];
  }
}

import type { Pod } from '../kubernetes-objects.ts';
import type { ContainerStatus, PodCondition, PodStatus } from '../pod-status.ts';

export type PodState = {
  pod: Pod;
  nodeAddress: string;
  podAddress: string;
  startTime: string;
  /** Whether every init container has succeeded. */
  initialized: boolean;
  initContainers: ContainerStatus[];
  containers: ContainerStatus[];
  /** Whether the containers are over for good: none of them is started again. */
  ended: boolean;
};

/** The status that the kubelet would report; `previous` gives the times of conditions that stay as they are. */
export function buildPodStatus(state: PodState, previous: readonly PodCondition[]): PodStatus {
  const { pod, nodeAddress, podAddress, initContainers } = state;
  const phase = phaseOf(state);
  // Once a pod is over its containers can never be ready again.
  const containersReady = !state.ended && state.containers.every(({ ready }) => ready);
  const unready = state.containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const message = `containers with unready status: [${unready.join(' ')}]`;
  const reason = state.ended ? 'PodCompleted' : 'ContainersNotReady';
  const ready = containersReady && gatesPass(pod);
  const conditions: PodCondition[] = [
    { type: 'PodReadyToStartContainers', status: state.ended ? 'False' : 'True' },
    { type: 'Initialized', status: state.initialized ? 'True' : 'False' },
    {
      type: 'ContainersReady',
      ...(containersReady ? { status: 'True' } : { status: 'False', reason, message }),
    },
    { type: 'Ready', ...(ready ? { status: 'True' } : { status: 'False', reason, message }) },
  ];
  return {
    phase,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    hostIP: nodeAddress,
    hostIPs: [{ ip: nodeAddress }],
    podIP: podAddress,
    podIPs: [{ ip: podAddress }],
    startTime: state.startTime,
    conditions: conditions.map((condition) => withTransitionTime(condition, previous)),
    ...(initContainers.length === 0 ? {} : { initContainerStatuses: initContainers }),
    containerStatuses: state.containers,
  };
}

function phaseOf({
  ended,
  initialized,
  initContainers,
  containers,
}: PodState): NonNullable<PodStatus['phase']> {
  if (ended) {
    // One that was deleted before it could start has not succeeded.
    const succeeded = [...initContainers, ...containers].every(
      ({ state }) => state.terminated?.exitCode === 0,
    );
    return initialized && succeeded ? 'Succeeded' : 'Failed';
  }
  const hasStarted = containers.some(
    ({ state, restartCount }) => state.waiting === undefined || restartCount > 0,
  );
  return hasStarted ? 'Running' : 'Pending';
}

function gatesPass(pod: Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  return (pod.spec.readinessGates ?? []).every(({ conditionType }) =>
    conditions.some(({ type, status }) => type === conditionType && status === 'True'),
  );
}

function withTransitionTime(condition: PodCondition, previous: readonly PodCondition[]): PodCondition {
  const before = previous.find(({ type }) => type === condition.type);
  const same = before?.status === condition.status ? before.lastTransitionTime : undefined;
  return { ...condition, lastTransitionTime: same ?? new Date().toISOString() };
}

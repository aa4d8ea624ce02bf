import type { Container } from '../pod-spec.ts';
import type { ContainerState, ContainerStatus } from '../pod-status.ts';

/** What is reported about one container. */
export type ContainerStateHolder = {
  /** A container that no longer runs is neither started nor ready. */
  change(next: ContainerState): void;
  /** Keeps the present state as the last one and counts a restart. */
  countRestart(): void;
  /** Notes what the probes say; ignored unless the container runs. */
  setFlags(flags: { started?: boolean; ready?: boolean }): void;
  read(pid: number | undefined): ContainerStatus;
};

/** Creates the state of a container that is still to be created; `onChange` is called after each change. */
export function createContainerState(container: Container, onChange: () => void): ContainerStateHolder {
  let state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  let lastState: ContainerState = {};
  let flags = { started: false, ready: false };
  let restartCount = 0;
  return {
    change(next) {
      state = next;
      if (next.running === undefined) {
        flags = { started: false, ready: false };
      }
      onChange();
    },
    countRestart() {
      lastState = state;
      restartCount += 1;
    },
    setFlags({ started = flags.started, ready = flags.ready }) {
      if (state.running !== undefined && (started !== flags.started || ready !== flags.ready)) {
        flags = { started, ready };
        onChange();
      }
    },
    read: (pid) => ({
      ...{ name: container.name, image: container.image, imageID: container.image },
      ...{ containerID: `process://${pid ?? 0}` },
      ...{ ...flags, restartCount, state, lastState },
    }),
  };
}

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '../api-client.ts';
import { isReady, type Pod } from '../kubernetes-objects.ts';
import type { Container } from '../pod-spec.ts';
import type { PodCondition, PodStatus } from '../pod-status.ts';
import { buildPodStatus } from './build-pod-status.ts';
import type { PodInputs } from './container-environment.ts';
import { type ContainerRunner, createContainerRunner } from './container-runner.ts';
import { deletePod } from './delete-pod.ts';
import type { ImageMap } from './image-map.ts';
import { launchContainer } from './launch-container.ts';
import { mountVolumes } from './mount-volumes.ts';
import { createPodVolumes } from './pod-volumes.ts';
import { createStatusWriter } from './status-writer.ts';

export type PodRunner = {
  /** The pod has changed: a deletion in it begins the end. */
  update(pod: Pod): void;
  /** Something that the volumes are made of has changed. */
  refreshVolumes(): void;
  /** The pod is gone from the API server: what is left of it ends now. */
  kill(): void;
  /** Resolves when nothing of the pod is left on the node. */
  readonly gone: Promise<void>;
};

export type PodRunnerOptions = {
  client: ApiClient;
  images: ImageMap;
  pod: Pod;
  inputs: Omit<PodInputs, 'pod'>;
  /** Of this pod alone; removed when it is gone. */
  directory: string;
  /** The log of one of its containers. */
  logPathOf(container: string): string;
};

const forcedGraceMs = 1000;

/** Creates and starts the runner of one pod that is bound to the node. */
export function createPodRunner(options: PodRunnerOptions): PodRunner {
  const { client, directory, images, inputs } = options;
  const { podAddress, nodeAddress } = inputs;
  let pod = options.pod;
  let conditions: PodCondition[] = [];
  let initialized = (pod.spec.initContainers ?? []).length === 0;
  let ended = false;
  let terminating: Promise<void> | undefined;
  const startTime = new Date().toISOString();
  const volumes = createPodVolumes(join(directory, 'volumes'), () => ({ ...inputs, pod }), client);
  const initContainers = (pod.spec.initContainers ?? []).map((container) => createRunner(container, true));
  const containers = pod.spec.containers.map((container) => createRunner(container, false));
  const status = createStatusWriter(client, pod, readStatus);

  function createRunner(container: Container, isInit: boolean): ContainerRunner {
    const policy = pod.spec.restartPolicy ?? 'Always';
    const always = policy === 'Always' && !isInit;
    return createContainerRunner({
      ...{ container, images, podAddress, isInit },
      graceMs: (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000,
      restarts: (exitCode) => always || (policy !== 'Never' && exitCode !== 0),
      launch: (image) =>
        launchContainer({
          ...{ container, image, volumes, directory, inputs: { ...inputs, pod } },
          logPath: options.logPathOf(container.name),
        }),
      onChange: () => status.changed(),
    });
  }

  function readStatus(): PodStatus {
    const next = buildPodStatus(
      {
        ...{ pod, nodeAddress, podAddress, startTime, initialized, ended },
        initContainers: initContainers.map((one) => one.status()),
        containers: containers.map((one) => one.status()),
      },
      conditions,
    );
    conditions = next.conditions ?? [];
    return next;
  }

  async function run(): Promise<void> {
    mkdirSync(directory, { recursive: true });
    status.changed();
    await mountVolumes(volumes, pod, () => terminating !== undefined);
    for (const container of initContainers) {
      if (terminating === undefined) {
        await container.run();
        initialized = container.status().state.terminated?.exitCode === 0;
      }
      if (!initialized) {
        break;
      }
    }
    if (terminating === undefined && initialized) {
      await Promise.all(containers.map((container) => container.run()));
    }
    ended = true;
    status.changed();
  }

  async function terminate(graceMs: number): Promise<void> {
    await Promise.all([...initContainers, ...containers].map((one) => one.terminate(graceMs)));
    await running;
    await status.flush();
    await deletePod(client, pod, () => isGone);
    status.stop();
    await volumes.close();
    rmSync(directory, { recursive: true, force: true });
    finish();
  }

  let isGone = false;
  const { promise: gone, resolve: finish } = Promise.withResolvers<void>();
  const running = run();
  return {
    gone,
    update(next) {
      pod = next;
      if (next.metadata.deletionTimestamp !== undefined) {
        terminating ??= terminate((next.metadata.deletionGracePeriodSeconds ?? 30) * 1000);
      } else if (isReady(next) !== isReady({ ...next, status: readStatus() })) {
        // A readiness gate has changed, or the controller manager gave up the node for a while.
        status.changed();
      }
    },
    refreshVolumes() {
      volumes.refresh().catch(() => undefined);
    },
    kill() {
      isGone = true;
      status.stop();
      terminating ??= terminate(forcedGraceMs);
      for (const container of [...initContainers, ...containers]) {
        container.kill();
      }
    },
  };
}

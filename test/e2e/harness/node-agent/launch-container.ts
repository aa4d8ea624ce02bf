import { join } from 'node:path';
import type { Container } from '../pod-spec.ts';
import { type RunningProcess, startProcess } from '../start-process.ts';
import { expand, type PodInputs, resolveEnvironment } from './container-environment.ts';
import { enterContainerRoot } from './container-root.ts';
import type { ProcessImage } from './image-map.ts';
import type { PodVolumes } from './pod-volumes.ts';

export type LaunchedContainer = { process: RunningProcess; environment: Record<string, string> };

export type LaunchOptions = {
  container: Container;
  image: ProcessImage;
  inputs: PodInputs;
  volumes: PodVolumes;
  /** Of the pod: what the container needs besides is made below it. */
  directory: string;
  logPath: string;
};

const longestHostname = 63;

/** Starts the process of a container; throws when its environment or mounts refer to something that does not exist. */
export function launchContainer(options: LaunchOptions): LaunchedContainer {
  const { container, image, inputs, volumes, directory, logPath } = options;
  const environment = resolveEnvironment(container, image.env ?? {}, inputs);
  const ofPod = inputs.pod.spec.securityContext;
  const ofContainer = container.securityContext;
  const files = Object.entries(image.files ?? {});
  const root = enterContainerRoot({
    directory: join(directory, 'roots', container.name),
    hostname: inputs.pod.metadata.name.slice(0, longestHostname),
    mounts: [
      ...files.map(([target, source]) => ({ source, target, readOnly: true })),
      ...volumes.mountsOf(container),
    ],
    readOnly: ofContainer?.readOnlyRootFilesystem ?? false,
    workingDir: container.workingDir ?? image.workingDir ?? '/',
    user: ofContainer?.runAsUser ?? ofPod?.runAsUser ?? image.user ?? 0,
    group: ofContainer?.runAsGroup ?? ofPod?.runAsGroup ?? 0,
    supplementaryGroup: ofPod?.fsGroup,
    command: commandOf(container, image).map((text) => expand(text, environment)),
  });
  const name = `container ${container.name} of pod ${inputs.pod.metadata.namespace}/${inputs.pod.metadata.name}`;
  return { process: startProcess({ ...root, name, env: environment, logPath }), environment };
}

/** Kubernetes' rule: `command` replaces the image's entrypoint and its command, `args` the command alone. */
function commandOf(container: Container, image: ProcessImage): string[] {
  if (container.command !== undefined) {
    return [...container.command, ...(container.args ?? [])];
  }
  return [...image.entrypoint, ...(container.args ?? image.command ?? [])];
}

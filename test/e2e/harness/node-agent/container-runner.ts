import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from '../pod-spec.ts';
import type { ContainerStatus } from '../pod-status.ts';
import type { ProcessExit, RunningProcess } from '../start-process.ts';
import { messageOf } from '../wait-for.ts';
import { describeTermination, exitCodeOf } from './container-exit.ts';
import { createContainerState } from './container-state.ts';
import { type ImageMap, type ProcessImage, resolveImage } from './image-map.ts';
import type { LaunchedContainer } from './launch-container.ts';
import { runAction } from './run-action.ts';
import { startProbes } from './start-probes.ts';
import { stopContainer } from './stop-container.ts';

export type ContainerRunner = {
  readonly name: string;
  status(): ContainerStatus;
  /** Starts it; resolves when it has ended for good. Never rejects. */
  run(): Promise<void>;
  /** preStop, SIGTERM, and SIGKILL when the grace period in milliseconds is over; resolves when it has ended. */
  terminate(graceMs: number): Promise<void>;
  /** SIGKILL at once. */
  kill(): void;
};

export type ContainerOptions = {
  container: Container;
  images: ImageMap;
  podAddress: string;
  /** Whether it is started again after it has ended with a code. */
  restarts(exitCode: number): boolean;
  isInit: boolean;
  graceMs: number;
  launch(image: ProcessImage): LaunchedContainer;
  /** Called after the status has changed. */
  onChange(): void;
};

const retryMs = 500;
const firstBackoffMs = 250;
const maximumBackoffMs = 5000;

/** Creates the runner of one container; nothing runs before `run`. */
export function createContainerRunner(options: ContainerOptions): ContainerRunner {
  const { container, podAddress } = options;
  const terminating = new AbortController();
  const state = createContainerState(container, options.onChange);
  let current: (LaunchedContainer & { process: RunningProcess }) | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let backoffMs = firstBackoffMs;
    while (!terminating.signal.aborted) {
      const startedAt = new Date();
      const exit = await runOnce(startedAt);
      if (exit === undefined) {
        continue;
      }
      state.change(describeTermination(exit, startedAt));
      if (terminating.signal.aborted || !options.restarts(exitCodeOf(exit))) {
        return;
      }
      state.countRestart();
      state.change({ waiting: { reason: 'CrashLoopBackOff', message: `back-off ${backoffMs} ms` } });
      await pause(backoffMs);
      const ranLong = Date.now() - startedAt.getTime() > maximumBackoffMs * 2;
      backoffMs = ranLong ? firstBackoffMs : Math.min(backoffMs * 2, maximumBackoffMs);
    }
  }

  /** Resolves with how it ended; undefined when it could not start, or was told to end before. */
  async function runOnce(startedAt: Date): Promise<ProcessExit | undefined> {
    const image = resolveImage(options.images, container.image);
    if (image.run === 'never-starts') {
      state.change({ waiting: { reason: 'ImagePullBackOff', message: `no image ${container.image}` } });
      await untilTerminating();
      return undefined;
    }
    if (image.run === 'process') {
      return runProcess(image, startedAt);
    }
    if (image.run === 'pretend' && !options.isInit) {
      state.change({ running: { startedAt: startedAt.toISOString() } });
      state.setFlags({ started: true, ready: true });
      await untilTerminating();
    }
    return { code: 0, signal: null };
  }

  async function runProcess(image: ProcessImage, startedAt: Date): Promise<ProcessExit | undefined> {
    try {
      current = options.launch(image);
    } catch (error) {
      state.change({ waiting: { reason: 'CreateContainerConfigError', message: messageOf(error) } });
      await pause(retryMs);
      return undefined;
    }
    state.change({ running: { startedAt: startedAt.toISOString() } });
    const stopProbes = options.isInit ? () => undefined : startContainerProbes(current);
    const exit = await current.process.exited;
    stopProbes();
    return exit;
  }

  function startContainerProbes({ process, environment }: LaunchedContainer): () => void {
    const target = { container, podAddress, pid: process.pid, environment };
    return startProbes(container, {
      run: (action, timeoutMs) => runAction(action, target, timeoutMs),
      onStarted: () => state.setFlags({ started: true }),
      onReady: (ready) => state.setFlags({ ready }),
      onFailure(message) {
        if (!terminating.signal.aborted) {
          console.error(`node agent: container ${container.name} is restarted: ${message}`);
          void stop(options.graceMs);
        }
      },
    });
  }

  async function stop(graceMs: number): Promise<void> {
    if (current !== undefined && current.process.exit() === undefined) {
      await stopContainer(current, { container, podAddress, graceMs });
    }
  }

  async function untilTerminating(): Promise<unknown> {
    return terminating.signal.aborted || once(terminating.signal, 'abort');
  }

  function pause(ms: number): Promise<unknown> {
    return delay(ms, undefined, { signal: terminating.signal }).catch(() => undefined);
  }

  return {
    name: container.name,
    status: () => state.read(current?.process.pid),
    run() {
      running ??= run();
      return running;
    },
    async terminate(graceMs) {
      terminating.abort();
      await stop(graceMs);
      await running;
    },
    kill: () => current?.process.signal('SIGKILL'),
  };
}

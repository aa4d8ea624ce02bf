import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cores, onServerCore } from '../cores.ts';
import type { Contestant } from './contestants.ts';
import { readCpuSeconds, readResidentBytes } from './process-figures.ts';

const START_DEADLINE_MS = 20_000;
const POLL_INTERVAL_MS = 1;
/** As the image starts it. */
const NODE_FLAGS = ['--max-semi-space-size=2'];

export type RunningServer = Readonly<{
  port: number;
  /** From the start of its process until it was ready. */
  startMs: number;
  residentBytes: () => number | undefined;
  cpuSeconds: () => number | undefined;
  stop: () => Promise<void>;
}>;

/** Starts a server as a process of its own and waits until it is ready. */
export async function startServer(contestant: Contestant, cores: Cores): Promise<RunningServer> {
  const { args, port, isReady } = await contestant.prepare();
  const [command, ...rest] = onServerCore(cores, [...NODE_FLAGS, ...args]);
  const startedAt = performance.now();
  // What a server logs goes nowhere, so that no reader of it takes part in the race.
  const child = spawn(command, rest, {
    stdio: ['ignore', 'ignore', contestant.isLogged ? 'ignore' : 'inherit'],
  });
  const { pid } = child;
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  while (!(await isReady())) {
    if (pid === undefined || child.exitCode !== null || performance.now() - startedAt > START_DEADLINE_MS) {
      kill();
      throw new Error(`${contestant.name} did not start`);
    }
    await sleep(POLL_INTERVAL_MS);
  }
  const startMs = performance.now() - startedAt;

  return {
    port,
    startMs,
    residentBytes: () => (pid === undefined ? undefined : readResidentBytes(pid)),
    cpuSeconds: () => (pid === undefined ? undefined : readCpuSeconds(pid)),
    stop: async () => {
      const exited = once(child, 'exit');
      kill();
      await exited;
      process.off('exit', kill);
    },
  };
}

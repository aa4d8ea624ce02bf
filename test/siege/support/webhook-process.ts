import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersReady, findFreePort } from '../../../bench/servers/ports.ts';
import { PROJECT } from '../../support/run-process.ts';
import { until } from '../../support/until.ts';
import type { Replica } from './attack.ts';
import { createMemoryLimit } from './cgroup.ts';

/** The flags of Node in the image's entrypoint, so that the siege is of the process that is shipped. */
const NODE_FLAGS = readNodeFlags();
const HOST = '127.0.0.1';
const BUNDLE = join(PROJECT, 'dist/eci-ram-role-webhook.cjs');

/** A replica, which is started again on the same ports when its process ends, as a kubelet does. */
export type WebhookProcess = Replica &
  Readonly<{
    name: string;
    memoryLimit: string;
    /** How its process ended each time. */
    ends: () => readonly string[];
    residentBytes: () => number;
    /** The most since the last call of resetPeak. */
    peakBytes: () => number;
    resetPeak: () => void;
    groupPeakBytes: () => number | undefined;
    /** The end of its log. */
    logTail: () => string;
    /** @throws if it is not ready in time */
    untilReady: () => Promise<unknown>;
    stop: () => Promise<void>;
  }>;

/** Starts a replica of the built bundle in a memory cgroup of its own. */
export async function startWebhookProcess(
  name: string,
  directory: string,
  flags: readonly string[],
): Promise<WebhookProcess> {
  const [securePort, probePort] = [await findFreePort(), await findFreePort()];
  const limit = createMemoryLimit(`eci-ram-role-webhook-siege-${process.pid}-${name}`, NODE_FLAGS);
  const [command, ...args] = limit.command([
    ...NODE_FLAGS,
    BUNDLE,
    ...flags,
    `--bind-address=${HOST}`,
    `--secure-port=${securePort}`,
    `--probe-port=${probePort}`,
    '--drain-delay=0s',
  ]);
  const logFile = join(directory, `${name}.log`);
  const ends: string[] = [];
  let isStopping = false;
  let exited: Promise<void>;
  let child = start();

  function start(): ChildProcess {
    const log = openSync(logFile, 'a');
    const started = spawn(command, args, { stdio: ['ignore', 'ignore', log] });
    closeSync(log);
    exited = new Promise((resolve) => {
      started.once('exit', (code, signal) => {
        resolve();
        if (!isStopping) {
          ends.push(signal ?? `exit code ${code}`);
          child = start();
        }
      });
    });
    return started;
  }

  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  return {
    name,
    admission: { host: HOST, port: securePort },
    probes: { host: HOST, port: probePort },
    memoryLimit: limit.description,
    ends: () => ends,
    residentBytes: () => readStatus(child, 'VmRSS'),
    peakBytes: () => readStatus(child, 'VmHWM'),
    resetPeak: () => resetPeak(child),
    groupPeakBytes: limit.peakBytes,
    logTail: () => readFileSync(logFile, 'utf8').slice(-2_000),
    untilReady: () => until(`${name} ready`, () => answersReady(probePort)),
    stop: async () => {
      isStopping = true;
      process.off('exit', kill);
      kill();
      await exited;
      limit.remove();
    },
  };
}

/** Kibibytes of a line of /proc/<pid>/status, in bytes; not a number if the process is gone. */
function readStatus({ pid }: ChildProcess, line: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

function resetPeak({ pid }: ChildProcess): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Without the right to do so, the peak is that of the whole life of the process.
  }
}

function readNodeFlags(): readonly string[] {
  const dockerfile = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
  const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');
  return entrypoint.slice(1, -1);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { settlesWithin } from './wait-for.ts';

/** How a process ended: an exit code, or the signal that ended it, or why it never started. */
export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null; error?: Error };

export type RunningProcess = {
  readonly name: string;
  /** Undefined when the program could not be started at all. */
  readonly pid: number | undefined;
  readonly logPath: string;
  /** Resolves when the process has ended, and never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** How it ended, or undefined while it runs. */
  exit(): ProcessExit | undefined;
  /** Sends a signal to this process alone; false when it has already ended. */
  signal(signal: NodeJS.Signals): boolean;
  /** SIGTERM, then SIGKILL after the grace period in milliseconds; resolves when it has ended. */
  stop(graceMs: number): Promise<ProcessExit>;
  /** One line saying how it ended, and the end of its log. */
  describe(): string;
};

export type ProcessOptions = {
  name: string;
  command: string;
  args: readonly string[];
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  /** Both output streams are appended here. */
  logPath: string;
};

/**
 * Starts a program in a process group of its own, so that Ctrl-C in a terminal reaches only the harness, which then
 * ends things in order.
 */
export function startProcess({ name, command, args, env, logPath }: ProcessOptions): RunningProcess {
  const log = openSync(logPath, 'a');
  const child = spawn(command, args, { env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  let exit: ProcessExit | undefined;
  const exited = waitForExit(child).then((value) => {
    exit = value;
    return value;
  });
  return {
    name,
    pid: child.pid,
    logPath,
    exited,
    exit: () => exit,
    signal: (signal) => exit === undefined && child.kill(signal),
    async stop(graceMs) {
      child.kill('SIGTERM');
      if (!(await settlesWithin(exited, graceMs))) {
        child.kill('SIGKILL');
      }
      return exited;
    },
    describe: () => `${name} ${describeExit(exit)}; the end of ${logPath}:\n${readTail(logPath)}`,
  };
}

/**
 * Wraps a command so that the kernel kills it when the harness itself is killed: a test runner that times out leaves
 * nothing behind.
 */
export function dieWithParent(command: string, args: readonly string[]): [string, string[]] {
  return ['setpriv', ['--pdeathsig', 'KILL', '--', command, ...args]];
}

/** The last lines of a file, or a note that it cannot be read. */
export function readTail(path: string, lines = 20): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}

function waitForExit(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function describeExit(exit: ProcessExit | undefined): string {
  if (exit === undefined) {
    return 'is running';
  }
  if (exit.error !== undefined) {
    return `did not start (${exit.error.message})`;
  }
  return exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
}

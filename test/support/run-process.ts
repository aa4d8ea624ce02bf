import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { until } from './until.ts';

export const PROJECT = join(import.meta.dirname, '../..');

/** A process of a test, and what it has said so far. */
export type RunningProcess = Readonly<{
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  /** Resolves to its exit code, or the signal that ended it, once it is gone and all it said has been read. */
  ended: Promise<number | NodeJS.Signals>;
  /** Resolves to the match once standard error has it. */
  saysOnStderr: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Resolves to the match once standard output has it. */
  says: (pattern: RegExp) => Promise<RegExpExecArray>;
}>;

export type RunOptions = Readonly<{
  cwd?: string;
  /** All of the environment, beside PATH and HOME. */
  env?: Readonly<Record<string, string>>;
}>;

/** Starts a process that does not outlive its test. */
export function runProcess(
  t: Cleanup,
  command: string,
  args: readonly string[],
  { cwd = PROJECT, env = {} }: RunOptions = {},
): RunningProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, {
    cwd,
    // Node would hand on the variable, and a child that is killed leaves half a file, so that no coverage is reported.
    env: { PATH, HOME, NODE_V8_COVERAGE: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts does not outlive the test either.
    detached: true,
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  t.after(async () => {
    endGroup(child.pid);
    await ended.catch(() => undefined);
  });

  const saying = (pattern: RegExp, said: () => string) =>
    until(`${pattern} from ${[command, ...args].join(' ')}`, () => {
      const match = pattern.exec(said());
      if (match === null && child.exitCode !== null) {
        throw new Error(`ended with ${child.exitCode} before ${pattern}: ${stdout()}${stderr()}`);
      }
      return match ?? undefined;
    });
  return {
    child,
    stdout,
    stderr,
    ended,
    says: (pattern) => saying(pattern, stdout),
    saysOnStderr: (pattern) => saying(pattern, stderr),
  };
}

function endGroup(leader: number | undefined): void {
  try {
    process.kill(-(leader ?? Number.NaN), 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let said = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return () => said;
}

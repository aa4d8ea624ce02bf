import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PermanentError, waitFor } from '../harness/wait-for.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const READY_TIMEOUT_MS = 180_000;

/** `npm run cluster` as a user's terminal runs it. */
export type ClusterCommand = Readonly<{
  child: ChildProcess;
  /** What both streams have said so far. */
  output: () => string;
  /** Resolves when it says that the cluster is up, with what it tells to export. */
  ready: () => Promise<Record<string, string>>;
  /** Resolves when it has said something that matches. */
  says: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** SIGINT to every process of its group, as a terminal sends it. */
  pressCtrlC: () => void;
  /** The exit code, once it has ended. */
  exit: () => Promise<number | null>;
}>;

/**
 * Starts it, in a project, in a process group of its own, so that a test can send signals as a terminal does.
 * What it makes lies in the directory, and is gone at its end.
 */
export function startCommand(
  directory: string,
  args: readonly string[] = [],
  project = PROJECT,
): ClusterCommand {
  const { E2E_DIRECTORY: _, REUSE_DIST: __, ...env } = process.env;
  const child = spawn('npm', ['run', '--silent', 'cluster', '--', ...args], {
    cwd: project,
    // npm itself keeps a compile cache in TMPDIR.
    env: { ...env, TMPDIR: directory, NODE_DISABLE_COMPILE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  const ended = once(child, 'close');
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    waitFor(
      `${pattern}`,
      () => {
        const match = pattern.exec(printed);
        if (match === null && child.exitCode !== null) {
          throw new PermanentError(`it ended with code ${child.exitCode}: ${printed}`);
        }
        return match ?? undefined;
      },
      { timeoutMs: READY_TIMEOUT_MS },
    );
  return {
    child,
    output: () => printed,
    says,
    async ready() {
      await says(/^Stop with Ctrl-C\.$/m);
      const exported = [...printed.matchAll(/^ {2}export (\w+)=(\S+)$/gm)];
      const path = process.env['PATH'] ?? '';
      return Object.fromEntries(
        exported.map(([, name = '', value = '']) => [name, value.replace('$PATH', path)]),
      );
    },
    pressCtrlC: () => process.kill(-Number(child.pid), 'SIGINT'),
    async exit() {
      await ended;
      return child.exitCode;
    },
  };
}

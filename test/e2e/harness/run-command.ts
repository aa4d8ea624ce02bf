import { spawn } from 'node:child_process';

export type CommandResult = { code: number | null; stdout: string; stderr: string };

export type CommandOptions = {
  /** Written to the standard input, which is then closed. */
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds after which the program is killed and the call rejects; 120,000 when left out. */
  timeoutMs?: number;
  /** Ends the program with SIGTERM and rejects. */
  signal?: AbortSignal;
};

/** The environment of a Go program that ends before collecting its garbage is worth the time. */
export const SHORT_LIVED = { GOGC: 'off' };

/**
 * Runs a program to its end. A non-zero exit code is a result; the promise rejects only when the program cannot be
 * started or does not end in time.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  { input = '', env, cwd, timeoutMs = 120_000, signal }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, cwd, signal, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A program that ends without reading its input is no error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      if (timedOut) {
        reject(
          new Error(`${command} ${args.join(' ')} ran for over ${timeoutMs / 1000} s: ${stdout}${stderr}`),
        );
      } else {
        resolve({ code, stdout, stderr });
      }
    });
  });
}

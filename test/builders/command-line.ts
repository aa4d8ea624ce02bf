import { run } from '../../src/command-line/run.ts';

/** What a command printed, and its exit code. */
export type Ran = Readonly<{ code: number; stdout: string; stderr: string }>;

/** The time at which commands run in tests, in milliseconds since the epoch. */
export const NOW = Date.parse('2026-11-30T00:00:00Z');

/** Runs a command in this process, as if its output were a pipe, or a terminal that marks each style. */
export async function runCommand(
  argv: readonly string[],
  { isTerminal = false, now = NOW } = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const output = {
    write: (text: string) => {
      stdout += text;
    },
    print: (line: string) => {
      stdout += `${line}\n`;
    },
    note: (line: string) => {
      stderr += `${line}\n`;
    },
    style: (style: string, text: string) => (isTerminal ? `<${style}>${text}</>` : text),
    isTerminal,
  };
  const code = await run(argv, { program: 'eci-ram-role', output, now });
  return { code, stdout, stderr };
}

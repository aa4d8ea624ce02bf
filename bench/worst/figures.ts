import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cores, onServerCore } from '../cores.ts';
import { formatMs, printTable } from '../table.ts';

/** What one body costs. */
export type WorstFigure = Readonly<{
  path: string;
  name: string;
  isLegal: boolean;
  bytes: number;
  /** The most processor time that a body of this size may take. */
  barMs: number;
  /** The processor time from the bytes of the body to the text of the answer, the mean of a few runs. */
  ms: number;
  decision: string;
}>;

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Measures in a process of its own, started as the image starts the server. */
export async function measureWorst(cores: Cores, argv: readonly string[]): Promise<readonly WorstFigure[]> {
  const program = join(import.meta.dirname, 'main.ts');
  const [command, ...args] = onServerCore(cores, ['--max-semi-space-size=2', program, ...argv]);
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout);
}

/** Prints the worst legal and illegal body of each path and size. */
export function printWorst(figures: readonly WorstFigure[]): void {
  const groups = Map.groupBy(figures, ({ path, isLegal, barMs }) => `${path} ${isLegal} ${barMs}`);
  const worst = [...groups.values()].flatMap((group) => group.toSorted((a, b) => b.ms - a.ms).slice(0, 1));
  printTable('Worst bodies, by the processor time that holds the event loop', [
    ['', 'body', 'MiB', 'answer', 'ms', 'bar', ''],
    ...worst.map(({ path, name, isLegal, bytes, ms, barMs, decision }) => [
      `${path}, ${isLegal ? 'legal' : 'illegal'}`,
      ...[name, (bytes / 1024 / 1024).toFixed(1), decision, formatMs(ms), `${barMs}`],
      ms <= barMs ? 'met' : 'missed',
    ]),
  ]);
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cores, onServerCore } from '../cores.ts';

/** What a number of allowlists costs. */
export type AllowlistFigures = Readonly<{
  count: number;
  /** Undefined where no file would hold so many. */
  loadMs?: number;
  checkMs: number;
  compileMs: number;
  reviewUs: number;
  /** The time of a review by that of one against the smallest number of lists. */
  ratio: number;
  /** The lookup of a namespace that has not been seen since the policy was loaded. */
  unseenNamespaceUs: number;
}>;

/** Measures in a process of its own, so that neither servers nor load generator share its heap. */
export async function measureAllowlists(
  cores: Cores,
  argv: readonly string[],
): Promise<readonly AllowlistFigures[]> {
  const [command, ...args] = onServerCore(cores, [join(import.meta.dirname, 'main.ts'), ...argv]);
  const { stdout } = await promisify(execFile)(command, args);
  return JSON.parse(stdout);
}

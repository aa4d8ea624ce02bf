import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { waitFor } from '../harness/wait-for.ts';

/**
 * Throws unless soon nothing is left of a cluster: its directory, and every process that has it in its command line or
 * environment.
 */
export async function expectNothingLeft(directory: string): Promise<void> {
  assert.notEqual(directory, '');
  await waitFor('nothing to be left', () => findLeftovers(directory).length === 0).catch(() => undefined);
  assert.deepEqual(findLeftovers(directory), []);
}

function findLeftovers(directory: string): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`);
  const left = processes.flatMap((pid) => {
    const commandLine = readProcessFile(pid, 'cmdline');
    return `${commandLine}\n${readProcessFile(pid, 'environ')}`.includes(directory)
      ? [`process ${pid}: ${commandLine}`]
      : [];
  });
  return existsSync(directory) ? [directory, ...left] : left;
}

function readProcessFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

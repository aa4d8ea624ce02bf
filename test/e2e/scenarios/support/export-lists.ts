import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../../harness/control-plane.ts';
import { runCommand } from '../../harness/run-command.ts';
import { formatList } from '../../harness/start-cluster.ts';

const BUNDLE = join(import.meta.dirname, '../../../../dist/eci-ram-role-webhook.cjs');

export type Exported = Readonly<{
  /** The YAML on standard output. */
  yaml: string;
  /** Standard error. */
  told: string;
}>;

/** What the bundle's `export` makes of lists; throws, with what it said, where it makes nothing of them. */
export function exportLists({ directory }: ControlPlane, lists: readonly object[]): Promise<Exported> {
  const path = join(directory, 'allowlists.json');
  writeFileSync(path, formatList(lists));
  return exportFile(path);
}

/** The same of a file. */
export async function exportFile(path: string): Promise<Exported> {
  const args = [BUNDLE, 'export', '--format', 'validating-admission-policy', '-f', path];
  const { code, stdout, stderr } = await runCommand(process.execPath, args);
  if (code !== 0) {
    throw new Error(`export ended with code ${code}: ${stderr}`);
  }
  return { yaml: stdout, told: stderr };
}

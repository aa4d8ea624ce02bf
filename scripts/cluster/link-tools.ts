import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable, type ToolPaths } from '../../test/e2e/harness/find-tools.ts';

/** Makes a directory for PATH with kubectl and helm under the names that people type, and returns it. */
export function linkTools({ kubectl, helm3, helm4 }: ToolPaths, directory: string): string {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  for (const [name, path] of Object.entries({ kubectl, helm: helm4, helm3, helm4 })) {
    if (isExecutable(path)) {
      symlinkSync(path, join(bin, name));
    }
  }
  return bin;
}

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { builtToolsDirectory } from '../e2e/harness/find-tools.ts';

/** Finds a binary among those that `npm run e2e:tools` built, else on the PATH. */
export function findTool(name: string): string {
  const directories = [builtToolsDirectory, ...(process.env.PATH ?? '').split(delimiter)];
  const directory = directories.find((candidate) => candidate && existsSync(join(candidate, name)));
  if (directory === undefined) {
    throw new Error(`${name}: expected it among what "npm run e2e:tools" builds, or on the PATH; found none`);
  }
  return join(directory, name);
}

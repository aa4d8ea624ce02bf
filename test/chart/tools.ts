import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const CHECKOUT_TOOLS = join(import.meta.dirname, '../../.cache/e2e-tools');

/** Finds a binary in `E2E_TOOLS`, else in the checkout's own cache, else on the PATH. */
export function findTool(name: string): string {
  const directories = [process.env.E2E_TOOLS, CHECKOUT_TOOLS, ...(process.env.PATH ?? '').split(delimiter)];
  const directory = directories.find((candidate) => candidate && existsSync(join(candidate, name)));
  if (directory === undefined) {
    throw new Error(
      `${name}: expected it in E2E_TOOLS, .cache/e2e-tools or the PATH; npm run e2e:tools builds it`,
    );
  }
  return join(directory, name);
}

import { join } from 'node:path';
import process from 'node:process';
import { runCommand } from '../../test/e2e/harness/run-command.ts';

/** `npm run build`; throws what it printed when it fails. */
export async function buildBundle(signal: AbortSignal): Promise<void> {
  const script = join(import.meta.dirname, '../build.ts');
  const { code, stdout, stderr } = await runCommand(process.execPath, [script], { signal });
  if (code !== 0) {
    throw new Error(`the build ended with code ${code}: ${stdout}${stderr}`);
  }
}

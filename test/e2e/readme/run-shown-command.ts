import { type CommandOptions, runCommand } from '../harness/run-command.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { ConsoleCommand } from './console-commands.ts';
import { isSameOutput } from './same-output.ts';

/** What changes nothing. */
const LOOK = /^kubectl (?:get|auth|diff)|--dry-run=server/;

/**
 * Runs a command as a document shows it, and returns what it printed; where it failed, what it said of that too. One that only
 * looks is run again, as a reader would, until it prints what is shown or time runs out.
 */
export async function runShownCommand(
  { command, output }: ConsoleCommand,
  options: CommandOptions,
): Promise<Readonly<{ printed: string; succeeded: boolean }>> {
  const run = async () => {
    const { code, stdout, stderr } = await runCommand('sh', ['-c', command], options);
    const error = stderr.replace(/^Warning: .*\n/gm, '');
    return { printed: code === 0 ? stdout : `${stdout}${error}`, succeeded: code === 0 };
  };
  let result = await run();
  if (LOOK.test(command) && !isSameOutput(output, result.printed)) {
    const look = async (): Promise<boolean> => {
      result = await run();
      return isSameOutput(output, result.printed);
    };
    await waitFor('what is shown', look).catch(() => undefined);
  }
  return result;
}

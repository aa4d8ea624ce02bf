import process from 'node:process';
import packageJson from '../../package.json' with { type: 'json' };
import { nearest } from '../text/edit-distance.ts';
import { quoted } from '../text/printable.ts';
import { UsableError } from '../text/problem.ts';
import { type Command, ExitCode, formatExamples, type Invocation } from './command.ts';
import { COMMANDS } from './commands.ts';
import { COMPLETE, printCandidates } from './completion/candidates.ts';
import { createOutput } from './output.ts';

const MAX_COMMAND_TYPOS = 2;

/** The name of the server. Its command `export` is older than the others, and has one exit code for every failure. */
const SERVER = 'eci-ram-role-webhook';

/** Runs the command that the arguments name, and sets the exit code of this process. */
export async function runCommandLine(program: string, argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, { program, output: createOutput(), now: Date.now() });
}

/** Runs the command that the arguments name. If its command line or its input cannot be used, prints the problems. */
export async function run(argv: readonly string[], invocation: Invocation): Promise<ExitCode> {
  try {
    return await runCommand(argv, invocation);
  } catch (error) {
    if (!(error instanceof UsableError)) {
      throw error;
    }
    invocation.output.note(error.message);
    return invocation.program === SERVER && argv[0] === 'export' ? ExitCode.found : ExitCode.unusable;
  }
}

async function runCommand(
  [first = '--help', ...others]: readonly string[],
  invocation: Invocation,
): Promise<ExitCode> {
  const { output } = invocation;
  switch (first) {
    case '--help':
    case '-h':
      output.print(formatHelp(invocation));
      return ExitCode.clean;
    case '--version':
    case '-V':
      output.print(packageJson.version);
      return ExitCode.clean;
    case 'help':
      return runCommand([...others, '--help'], invocation);
    case COMPLETE:
      printCandidates(others, COMMANDS, output);
      return ExitCode.clean;
    default:
      return findCommand(first, invocation).run(others, invocation);
  }
}

function findCommand(name: string, { program }: Invocation): Command {
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) {
    const names = COMMANDS.map((command) => command.name);
    const suggestion = nearest(name, names, MAX_COMMAND_TYPOS);
    const end = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
    throw new UsableError(
      `expected a command (${names.join(', ')}), found ${quoted(name)}${end}\n${program} --help describes the commands`,
    );
  }
  return command;
}

function formatHelp({ program }: Invocation): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return `Usage: ${program} COMMAND [options]

Answers questions about RamRoleAllowlists by the functions of the webhook.

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

${program} COMMAND --help describes a command and its options.
${formatExamples(
  COMMANDS.flatMap(({ examples: [first] }) => first ?? []),
  program,
)}

Exit codes:
  0  nothing is wrong
  1  something is denied or differs
  2  the command line or its input cannot be used`;
}

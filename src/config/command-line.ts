import { Command, CommanderError, Option as CommandOption, InvalidArgumentError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { environmentVariable, OPTIONS, type Option } from './options.ts';

/** A command line or environment that cannot be used; the message has one line for each problem. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * The options of a command line, as they were typed. `--help` and `--version` print and end the process.
 *
 * @throws {ConfigError} on an unknown option or an argument too many
 */
export function parseCommandLine(argv: readonly string[]): Readonly<Partial<Record<string, string>>> {
  const command = new Command('eci-ram-role-webhook')
    .description(
      'Admission webhook that puts a namespace-to-role allowlist in front of the RAM roles of ECI pods.',
    )
    .version(packageJson.version)
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ writeErr: () => undefined })
    .addHelpText(
      'after',
      '\nCommands:\n  export      write allowlists as ValidatingAdmissionPolicies (export --help)\n\nEvery option may be given in the environment instead; the command line counts before it.',
    );
  for (const option of Object.values<Option>(OPTIONS)) {
    const { flag, description, fallback, neededWith } = option;
    const isDefault = fallback === undefined ? '' : ` (default: ${fallback})`;
    const isNeeded = neededWith === undefined ? '' : ` (needed with ${neededWith})`;
    command.addOption(
      toCommandOption(option, `${description}${isDefault}${isNeeded}\n[${environmentVariable(flag)}]`),
    );
  }
  return parseArguments(command, argv);
}

/** An option as commander knows it, with what is told of it. */
export function toCommandOption(
  { flag, short, value, isList, isOnce }: Option,
  description: string,
): CommandOption {
  const flags = short === undefined ? `--${flag}` : `-${short}, --${flag}`;
  const option = new CommandOption(`${flags} <${value}>`, description);
  if (isList) {
    option.argParser((text: string, before?: string) => (before === undefined ? text : `${before},${text}`));
  }
  if (isOnce) {
    option.argParser((text: string, before?: string) => {
      if (before !== undefined) {
        throw new InvalidArgumentError(`Expected it once, found ${JSON.stringify(before)} before it.`);
      }
      return text;
    });
  }
  return option;
}

/**
 * The options that a command finds in its arguments. `--help` and `--version` print and end the process.
 *
 * @throws {ConfigError} on an unknown option, one without its value or an argument too many
 */
export function parseArguments(
  command: Command,
  argv: readonly string[],
): Readonly<Partial<Record<string, string>>> {
  try {
    return command
      .exitOverride((error) => {
        if (error.exitCode === 0) {
          process.exit(0);
        }
        throw error;
      })
      .parse(argv, { from: 'user' })
      .opts();
  } catch (error) {
    if (error instanceof CommanderError) {
      throw new ConfigError(
        `${error.message
          .replace(/^error: /, '')
          .replaceAll('\n', ' ')
          .replace(/\.$/, '')}; --help lists the options`,
      );
    }
    throw error;
  }
}

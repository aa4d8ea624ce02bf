import { Command, CommanderError, Option as CommandOption } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { environmentVariable, OPTIONS, type Option, type OptionName } from './config-options.ts';
import {
  Expected,
  oneOf,
  parseDuration,
  parseIpAddress,
  parsePath,
  parsePort,
  parseRolePatterns,
} from './config-values.ts';
import { LOG_LEVELS, type LogLevel } from './observability/logger.ts';
import type { PolicySettings } from './policy/policy.ts';
import { VIOLATION_ACTIONS } from './policy/violation-action.ts';

/** All that can be configured, checked and frozen. */
export type Config = Readonly<{
  /** A file of allowlists, or a directory of such files. */
  allowlists: string;
  tlsCertFile: string;
  tlsPrivateKeyFile: string;
  /** An IP address; undefined stands for all addresses of the machine. */
  bindAddress: string | undefined;
  securePort: number;
  probePort: number;
  settings: PolicySettings;
  drainDelayMs: number;
  logLevel: LogLevel;
}>;

/** A command line or environment that cannot be used; the message has one line for each problem. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Values as a user would type them, by option; what a caller supplies where the user gives none. */
export type ConfigDefaults = Readonly<Partial<Record<OptionName, string>>>;

/**
 * Parses the command line, then the environment, then defaults: the first that has an option counts.
 * `--help` and `--version` print and end the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseConfig(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  defaults: ConfigDefaults = {},
): Config {
  const typed = parseCommandLine(argv);
  const problems: string[] = [];

  const config: Config = {
    allowlists: read('allowlists', parsePath),
    tlsCertFile: read('tlsCertFile', parsePath),
    tlsPrivateKeyFile: read('tlsPrivateKeyFile', parsePath),
    bindAddress: read('bindAddress', parseIpAddress),
    securePort: read('securePort', parsePort),
    probePort: read('probePort', parsePort),
    settings: Object.freeze({
      unlistedNamespaces: read('unlistedNamespaces', oneOf(VIOLATION_ACTIONS)),
      protectedRoles: read('protectedRoles', parseRolePatterns),
      eciDetection: read('eciDetection', oneOf(['markers', 'all-pods'])),
    }),
    drainDelayMs: read('drainDelay', parseDuration),
    logLevel: read('logLevel', oneOf(LOG_LEVELS)),
  };

  if (problems.length === 0 && config.securePort === config.probePort && config.securePort !== 0) {
    problems.push(`--probe-port: expected another port than --secure-port, found ${config.probePort}`);
  }
  if (problems.length > 0) {
    throw new ConfigError(problems.join('\n'));
  }
  return Object.freeze(config);

  // After a problem the value returned is of no account: parseConfig throws before it could be used.
  function read<Value>(name: OptionName, parse: (text: string) => Value | Expected): Value {
    const option: Option = OPTIONS[name];
    const variable = environmentVariable(option.flag);
    const text = typed[name] ?? environment[variable] ?? defaults[name] ?? option.fallback;
    const source =
      typed[name] === undefined && environment[variable] !== undefined ? ` (from ${variable})` : '';
    const value = text === undefined ? absent(option, variable) : parse(text);
    if (value instanceof Expected) {
      problems.push(`--${option.flag}${source}: expected ${value.what}, found ${found(text)}`);
    }
    return value as Value;
  }
}

function absent({ value, isRequired = false }: Option, variable: string): Expected | undefined {
  return isRequired ? new Expected(`a ${value} (or set ${variable})`) : undefined;
}

function found(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text);
}

function parseCommandLine(argv: readonly string[]): Readonly<Partial<Record<string, string>>> {
  const command = new Command('eci-ram-role-webhook')
    .description(
      'Admission webhook that puts a namespace-to-role allowlist in front of the RAM roles of ECI pods.',
    )
    .version(packageJson.version)
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ writeErr: () => undefined })
    .addHelpText(
      'after',
      '\nEvery option may be given in the environment instead; the command line counts before it.',
    );
  for (const { flag, value, description, fallback, isRequired, isList } of Object.values<Option>(OPTIONS)) {
    const isFor = fallback === undefined ? '' : ` (default: ${fallback})`;
    const option = new CommandOption(
      `--${flag} <${value}>`,
      `${description}${isRequired ? ' (required)' : isFor}\n[${environmentVariable(flag)}]`,
    );
    if (isList) {
      option.argParser((text: string, before?: string) =>
        before === undefined ? text : `${before},${text}`,
      );
    }
    command.addOption(option);
  }

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
        `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; --help lists the options`,
      );
    }
    throw error;
  }
}

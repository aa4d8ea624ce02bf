import { Command } from 'commander';
import type { PolicySettings } from '../policy/policy.ts';
import { VIOLATION_ACTIONS } from '../policy/violation-action.ts';
import { combine, Problems } from './combine.ts';
import { ConfigError, parseArguments, toCommandOption } from './command-line.ts';
import { OPTIONS, type Option } from './options.ts';
import type { Parse } from './read-option.ts';
import { Expected, oneOf, parseNamespaces, parsePath, parseRolePatterns } from './values.ts';

/** What `export` is to write, and of which allowlists. */
export type ExportConfig = Readonly<{
  /** The path of a file of allowlists, or of a directory of them; `-` for standard input. */
  filename: string;
  settings: Pick<PolicySettings, 'unlistedNamespaces' | 'protectedRoles'>;
  excludedNamespaces: readonly string[];
}>;

const FORMATS = ['validating-admission-policy'];

/** Given on the command line alone: what is written must not depend on where. */
const EXPORT_OPTIONS = {
  format: {
    flag: 'format',
    value: 'format',
    description: `what to write: ${FORMATS.join(', ')}`,
  },
  filename: {
    flag: 'filename',
    short: 'f',
    value: OPTIONS.allowlists.value,
    description: `${OPTIONS.allowlists.description}, or - for standard input; once`,
    isOnce: true,
  },
  unlistedNamespaces: OPTIONS.unlistedNamespaces,
  protectedRoles: OPTIONS.protectedRoles,
  excludedNamespaces: {
    ...OPTIONS.excludedNamespaces,
    description: 'namespaces whose pods are not governed, separated by commas; an empty text excludes none',
  },
} as const satisfies Record<string, Option>;

/** What is expected of those that have no default. */
const NEEDED: Readonly<Partial<Record<keyof typeof EXPORT_OPTIONS, string>>> = {
  format: FORMATS.join(', '),
  filename: 'a file or directory, or - for standard input (-f)',
};

/**
 * Parses the command line of `export`. `--help` prints and ends the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseExportConfig(argv: readonly string[]): ExportConfig {
  const typed = parseArguments(createCommand(), argv);

  const config = combine({
    // There is one format to write: nothing hangs on it once it is known to be that.
    format: read('format', oneOf(FORMATS)),
    filename: read('filename', parsePath),
    settings: combine({
      unlistedNamespaces: read('unlistedNamespaces', oneOf(VIOLATION_ACTIONS)),
      protectedRoles: read('protectedRoles', parseRolePatterns),
    }),
    excludedNamespaces: read('excludedNamespaces', parseNamespaces),
  });
  if (config instanceof Problems) {
    throw new ConfigError(config.lines.join('\n'));
  }
  const { format: _, ...rest } = config;
  return Object.freeze(rest);

  function read<Value>(name: keyof typeof EXPORT_OPTIONS, parse: Parse<Value>): Value | Problems {
    const option: Option = EXPORT_OPTIONS[name];
    const text = typed[name] ?? option.fallback;
    const value = text === undefined ? new Expected(NEEDED[name] ?? option.value) : parse(text);
    if (value instanceof Expected) {
      const found = text === undefined ? 'nothing' : JSON.stringify(text);
      return new Problems([`--${option.flag}: expected ${value.what}, found ${found}`]);
    }
    return value;
  }
}

function createCommand(): Command {
  const command = new Command('eci-ram-role-webhook export')
    .description(
      'Writes RamRoleAllowlists as ValidatingAdmissionPolicies and their bindings, which enforce them without the webhook, to standard output.',
    )
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ writeErr: () => undefined });
  for (const option of Object.values<Option>(EXPORT_OPTIONS)) {
    const isDefault = option.fallback === undefined ? '' : ` (default: ${option.fallback})`;
    command.addOption(toCommandOption(option, `${option.description}${isDefault}`));
  }
  return command;
}

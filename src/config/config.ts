import { Command } from 'commander';
import * as z from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import type { PolicySettings } from '../policy/policy.ts';
import type { BoundSettings } from '../policy/share.ts';
import { DEFAULT_NAMESPACES, SERVER_OPTIONS, type ServerOptions } from './options.ts';
import { optionInfo, parseOptions } from './parse.ts';
import { namespaces, oneOf, path } from './values.ts';

/** The source of the allowlists; `allowlists` is the path of a file or of a directory. */
export type SourceConfig = Readonly<{ kind: 'file'; allowlists: string }> | Readonly<{ kind: 'cluster' }>;

/** The source of the serving certificate. */
export type TlsConfig =
  | Readonly<{ mode: 'files'; tlsCertFile: string; tlsPrivateKeyFile: string }>
  | Readonly<{
      mode: 'self-managed';
      namespace: string;
      secretName: string;
      serviceName: string;
      webhookConfigurationName: string;
    }>;

/** The configuration of the server, checked and frozen: every option under its own name or in one of the groups. */
export type Config = ReturnType<typeof groupOptions>;

/** Values that a caller supplies for options that the user does not set, as the user would type them. */
export type ConfigDefaults = Readonly<Partial<Record<keyof ServerOptions, string>>>;

/**
 * Parses the command line, then the environment, then the defaults. `--help` and `--version` print and end the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseConfig(argv: readonly string[], defaults: ConfigDefaults = {}): Config {
  const command = new Command('eci-ram-role-webhook')
    .description('Admission webhook with an allowlist, by namespace, for the RAM roles of ECI pods.')
    .version(packageJson.version)
    .addHelpText(
      'after',
      '\nCommands:\n  export      write allowlists as admission policies (export --help)\n\nEvery option can also be set by its environment variable. The command line takes precedence.',
    );
  return groupOptions(parseOptions(command, SERVER_OPTIONS, { argv, hasEnvironment: true, defaults }));
}

function groupOptions({
  source,
  allowlists,
  tlsMode,
  tlsCertFile,
  tlsPrivateKeyFile,
  namespace,
  tlsSecretName,
  serviceName,
  webhookConfigurationName,
  unlistedNamespaces,
  protectedRoles,
  eciDetection,
  maxAllowlistEntries,
  delegations,
  drainDelay,
  ...others
}: ServerOptions) {
  const sourceConfig: SourceConfig = source === 'file' ? { kind: source, allowlists } : { kind: source };
  const tls: TlsConfig =
    tlsMode === 'files'
      ? { mode: tlsMode, tlsCertFile, tlsPrivateKeyFile }
      : { mode: tlsMode, namespace, secretName: tlsSecretName, serviceName, webhookConfigurationName };
  const settings: PolicySettings = { unlistedNamespaces, protectedRoles, eciDetection };
  const bounds: BoundSettings = { maxEntries: maxAllowlistEntries, delegations };
  return Object.freeze({
    ...others,
    source: Object.freeze(sourceConfig),
    tls: Object.freeze(tls),
    settings: Object.freeze(settings),
    bounds: Object.freeze(bounds),
    drainDelayMs: drainDelay,
  });
}

/** The allowlists that `export` writes, and the settings that it applies to them. */
export type ExportConfig = Readonly<{
  format: 'validating-admission-policy' | 'mutating-admission-policy';
  /** The path of a file of allowlists, or of a directory of them; `-` for standard input. */
  filename: string;
  settings: PolicySettings;
  excludedNamespaces: readonly string[];
}>;

/** Every option of `export`. */
export const EXPORT_OPTIONS = z.object({
  format: oneOf(['validating-admission-policy', 'mutating-admission-policy']).register(optionInfo, {
    argument: 'format',
    description:
      'kind of the objects to write: validating ones allow and deny roles, mutating ones inject default roles',
  }),
  filename: path('a file or directory, or - for standard input').register(optionInfo, {
    short: 'f',
    argument: 'file-or-directory',
    description:
      'RamRoleAllowlists in YAML or JSON; in a directory, all *.yaml, *.yml and *.json files; - reads standard input',
    repeated: 'problem',
  }),
  unlistedNamespaces: SERVER_OPTIONS.shape.unlistedNamespaces,
  protectedRoles: SERVER_OPTIONS.shape.protectedRoles,
  eciDetection: SERVER_OPTIONS.shape.eciDetection,
  excludedNamespaces: namespaces().register(optionInfo, {
    argument: 'names',
    description: 'namespaces that the policies exclude, separated by commas; an empty text means none',
    default: DEFAULT_NAMESPACES,
    repeated: 'add',
  }),
});

/**
 * Parses the command line of `export`. The environment sets nothing, so that the same command writes the same policies
 * everywhere. `--help` prints and ends the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseExportConfig(argv: readonly string[]): ExportConfig {
  const command = new Command('eci-ram-role-webhook export').description(
    'Writes RamRoleAllowlists as admission policies and their bindings to standard output. The API server enforces them without the webhook.',
  );
  const { unlistedNamespaces, protectedRoles, eciDetection, ...others } = parseOptions(
    command,
    EXPORT_OPTIONS,
    { argv, hasEnvironment: false },
  );
  return Object.freeze({
    ...others,
    settings: Object.freeze({ unlistedNamespaces, protectedRoles, eciDetection }),
  });
}

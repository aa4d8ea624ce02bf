import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { PolicySettings } from '../policy/policy.ts';
import type { BoundSettings } from '../policy/share.ts';
import { SERVER_OPTIONS, type ServerOptions } from './options.ts';
import { parseOptions } from './parse.ts';

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
      '\nEvery option can also be set by its environment variable. The command line takes precedence.\n\nThe same file is the command line eci-ram-role. A command as the first argument starts it, such as:\n  eci-ram-role-webhook check --help',
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

import { ENFORCEMENT_ACTIONS, type EnforcementAction } from '../admission/decision.ts';
import { LOG_LEVELS, type LogLevel } from '../observability/logger.ts';
import type { PolicySettings } from '../policy/policy.ts';
import { VIOLATION_ACTIONS } from '../policy/violation-action.ts';
import { combine, Problems } from './combine.ts';
import { ConfigError, parseCommandLine } from './command-line.ts';
import type { OptionName } from './options.ts';
import { type Given, type Parse, readOption, readOptional, refuseGiven } from './read-option.ts';
import {
  oneOf,
  parseDuration,
  parseIpAddress,
  parseNamespaces,
  parseObjectName,
  parsePath,
  parsePort,
  parseRolePatterns,
} from './values.ts';

/** Where allowlists come from; of files the path of one, or of a directory of them. */
export type SourceConfig = Readonly<{ kind: 'file'; allowlists: string }> | Readonly<{ kind: 'cluster' }>;

/** Where the serving certificate comes from. */
export type TlsConfig =
  | Readonly<{ mode: 'files'; tlsCertFile: string; tlsPrivateKeyFile: string }>
  | Readonly<{
      mode: 'self-managed';
      namespace: string;
      secretName: string;
      serviceName: string;
      webhookConfigurationName: string;
    }>;

/** All that can be configured, checked and frozen. */
export type Config = Readonly<{
  source: SourceConfig;
  tls: TlsConfig;
  /** Undefined: as the pod this runs in. */
  kubeconfig: string | undefined;
  /** An IP address; undefined stands for all addresses of the machine. */
  bindAddress: string | undefined;
  securePort: number;
  probePort: number;
  settings: PolicySettings;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
  /** Namespaces whose pods get no default, and are refused where they would be stripped. */
  unmutatedNamespaces: readonly string[];
  workloadsAction: EnforcementAction;
  injectorsAction: EnforcementAction;
  drainDelayMs: number;
  logLevel: LogLevel;
}>;

/** Values as a user would type them, by option; what a caller supplies where the user gives none. */
export type ConfigDefaults = Given['defaults'];

/**
 * Parses the command line, then the environment, then defaults: the first that has an option counts.
 * `--help` and `--version` print and end the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseConfig(
  argv: readonly string[],
  environment: Given['environment'],
  defaults: ConfigDefaults = {},
): Config {
  const given: Given = { typed: parseCommandLine(argv), environment, defaults };
  const read = <Value>(name: OptionName, parse: Parse<Value>) => readOption(given, name, parse);

  const config = combine({
    source: readSource(given),
    tls: readTls(given),
    kubeconfig: readOptional(given, 'kubeconfig', parsePath),
    bindAddress: readOptional(given, 'bindAddress', parseIpAddress),
    securePort: read('securePort', parsePort),
    probePort: read('probePort', parsePort),
    settings: combine({
      unlistedNamespaces: read('unlistedNamespaces', oneOf(VIOLATION_ACTIONS)),
      protectedRoles: read('protectedRoles', parseRolePatterns),
      eciDetection: read('eciDetection', oneOf(['markers', 'all-pods'])),
    }),
    excludedNamespaces: read('excludedNamespaces', parseNamespaces),
    unmutatedNamespaces: read('unmutatedNamespaces', parseNamespaces),
    workloadsAction: read('workloadsAction', oneOf(ENFORCEMENT_ACTIONS)),
    injectorsAction: read('injectorsAction', oneOf(ENFORCEMENT_ACTIONS)),
    drainDelayMs: read('drainDelay', parseDuration),
    logLevel: read('logLevel', oneOf(LOG_LEVELS)),
  });

  if (config instanceof Problems) {
    throw new ConfigError(config.lines.join('\n'));
  }
  if (config.securePort === config.probePort && config.securePort !== 0) {
    throw new ConfigError(
      `--probe-port: expected another port than --secure-port, found ${config.probePort}`,
    );
  }
  return config;
}

function readSource(given: Given): SourceConfig | Problems {
  const kind = readOption(given, 'source', oneOf(['file', 'cluster']));
  if (kind === 'cluster') {
    return combine({ kind: refuseGiven(given, ['allowlists'], '--source cluster') ?? kind });
  }
  return combine({ kind, allowlists: readOption(given, 'allowlists', parsePath) });
}

function readTls(given: Given): TlsConfig | Problems {
  const mode = readOption(given, 'tlsMode', oneOf(['files', 'self-managed']));
  if (mode === 'self-managed') {
    return combine({
      mode: refuseGiven(given, ['tlsCertFile', 'tlsPrivateKeyFile'], '--tls-mode self-managed') ?? mode,
      namespace: readOption(given, 'namespace', parseObjectName),
      secretName: readOption(given, 'tlsSecretName', parseObjectName),
      serviceName: readOption(given, 'serviceName', parseObjectName),
      webhookConfigurationName: readOption(given, 'webhookConfigurationName', parseObjectName),
    });
  }
  return combine({
    mode,
    tlsCertFile: readOption(given, 'tlsCertFile', parsePath),
    tlsPrivateKeyFile: readOption(given, 'tlsPrivateKeyFile', parsePath),
  });
}

import { ADVICE_ACTIONS, type AdviceAction } from '../admission/advice-action.ts';
import { LOG_LEVELS, type LogLevel } from '../observability/logger.ts';
import type { PolicySettings } from '../policy/policy.ts';
import { VIOLATION_ACTIONS } from '../policy/violation-action.ts';
import { ConfigError, parseCommandLine } from './command-line.ts';
import { environmentVariable, OPTIONS, type Option, type OptionName } from './options.ts';
import {
  Expected,
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
  workloadsAction: AdviceAction;
  injectorsAction: AdviceAction;
  drainDelayMs: number;
  logLevel: LogLevel;
}>;

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
    source: Object.freeze(readSource()),
    tls: Object.freeze(readTls()),
    kubeconfig: read('kubeconfig', parsePath),
    bindAddress: read('bindAddress', parseIpAddress),
    securePort: read('securePort', parsePort),
    probePort: read('probePort', parsePort),
    settings: Object.freeze({
      unlistedNamespaces: read('unlistedNamespaces', oneOf(VIOLATION_ACTIONS)),
      protectedRoles: read('protectedRoles', parseRolePatterns),
      eciDetection: read('eciDetection', oneOf(['markers', 'all-pods'])),
    }),
    excludedNamespaces: read('excludedNamespaces', parseNamespaces),
    unmutatedNamespaces: read('unmutatedNamespaces', parseNamespaces),
    workloadsAction: read('workloadsAction', oneOf(ADVICE_ACTIONS)),
    injectorsAction: read('injectorsAction', oneOf(ADVICE_ACTIONS)),
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

  function readSource(): SourceConfig {
    if (read('source', oneOf(['file', 'cluster'])) === 'cluster') {
      refuseGiven(['allowlists'], '--source cluster');
      return { kind: 'cluster' };
    }
    return { kind: 'file', allowlists: readNeeded('allowlists', parsePath) };
  }

  function readTls(): TlsConfig {
    if (read('tlsMode', oneOf(['files', 'self-managed'])) === 'self-managed') {
      refuseGiven(['tlsCertFile', 'tlsPrivateKeyFile'], '--tls-mode self-managed');
      return {
        mode: 'self-managed',
        namespace: readNeeded('namespace', parseObjectName),
        secretName: readNeeded('tlsSecretName', parseObjectName),
        serviceName: readNeeded('serviceName', parseObjectName),
        webhookConfigurationName: readNeeded('webhookConfigurationName', parseObjectName),
      };
    }
    return {
      mode: 'files',
      tlsCertFile: readNeeded('tlsCertFile', parsePath),
      tlsPrivateKeyFile: readNeeded('tlsPrivateKeyFile', parsePath),
    };
  }

  /** What a user gives and nothing would read is a mistake; a caller's defaults are not. */
  function refuseGiven(names: readonly OptionName[], by: string): void {
    for (const name of names) {
      const { option, origin, variable } = find(name);
      const given = typed[name] ?? environment[variable];
      if (given !== undefined) {
        problems.push(`--${option.flag}${origin}: expected nothing with ${by}, found ${found(given)}`);
      }
    }
  }

  // After a problem the value returned is of no account: parseConfig throws before it could be used.
  function read<Value>(name: OptionName, parse: (text: string) => Value | Expected): Value {
    const { text } = find(name);
    return text === undefined ? (undefined as Value) : readNeeded(name, parse);
  }

  function readNeeded<Value>(name: OptionName, parse: (text: string) => Value | Expected): Value {
    const { text, origin, option, variable } = find(name);
    const value = text === undefined ? new Expected(`a ${option.value} (or set ${variable})`) : parse(text);
    if (value instanceof Expected) {
      problems.push(`--${option.flag}${origin}: expected ${value.what}, found ${found(text)}`);
    }
    return value as Value;
  }

  function find(name: OptionName) {
    const option: Option = OPTIONS[name];
    const variable = environmentVariable(option.flag);
    const isFromEnvironment = typed[name] === undefined && environment[variable] !== undefined;
    return {
      option,
      variable,
      text: typed[name] ?? environment[variable] ?? defaults[name] ?? option.fallback,
      origin: isFromEnvironment ? ` (from ${variable})` : '',
    };
  }
}

function found(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text);
}

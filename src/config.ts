import { isIP } from 'node:net';
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { LOG_LEVELS, type LogLevel } from './observability/logger.ts';
import type { PolicySettings } from './policy/policy.ts';
import { ROLE_PATTERN } from './policy/role-name.ts';
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

type Option = Readonly<{
  flag: string;
  value: string;
  description: string;
  /** What a user who gives nothing gets, as they would have typed it. */
  fallback?: string;
  isRequired?: boolean;
}>;

const OPTIONS = {
  allowlists: {
    flag: 'allowlists',
    value: 'file-or-directory',
    description: 'RamRoleAllowlists in YAML or JSON; of a directory its *.yaml, *.yml and *.json',
    isRequired: true,
  },
  tlsCertFile: {
    flag: 'tls-cert-file',
    value: 'file',
    description: 'serving certificate and its chain, PEM; reloaded when it changes',
    isRequired: true,
  },
  tlsPrivateKeyFile: {
    flag: 'tls-private-key-file',
    value: 'file',
    description: 'private key of the serving certificate, PEM; reloaded when it changes',
    isRequired: true,
  },
  bindAddress: {
    flag: 'bind-address',
    value: 'ip',
    description: 'IP address of both ports (default: all addresses, IPv6 and IPv4)',
  },
  securePort: {
    flag: 'secure-port',
    value: 'port',
    description: 'HTTPS port of the webhook',
    fallback: '8443',
  },
  probePort: {
    flag: 'probe-port',
    value: 'port',
    description: 'HTTP port of /livez, /readyz and /metrics',
    fallback: '8081',
  },
  unlistedNamespaces: {
    flag: 'unlisted-namespaces',
    value: 'action',
    description: `action on a pod that names a role where no allowlist selects its namespace: ${VIOLATION_ACTIONS.join(', ')}`,
    fallback: 'Deny',
  },
  protectedRoles: {
    flag: 'protected-roles',
    value: 'globs',
    description: 'roles that no allowlist can open, separated by commas; an empty text protects none',
    fallback: 'KubernetesMasterRole-*,KubernetesWorkerRole-*',
  },
  eciDetection: {
    flag: 'eci-detection',
    value: 'mode',
    description: 'which pods are ECI pods when a default role is injected: markers, all-pods',
    fallback: 'markers',
  },
  drainDelay: {
    flag: 'drain-delay',
    value: 'duration',
    description: 'how long to go on answering after a stop signal, such as 500ms, 10s, 1m',
    fallback: '10s',
  },
  logLevel: {
    flag: 'log-level',
    value: 'level',
    description: `least severe level logged: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
  },
} as const satisfies Record<string, Option>;

type OptionName = keyof typeof OPTIONS;

/** Values as a user would type them, by option; what a caller supplies where the user gives none. */
export type ConfigDefaults = Readonly<Partial<Record<OptionName, string>>>;

/** The environment variable that stands for a flag. */
export function environmentVariable(flag: string): string {
  return `ECI_RAM_ROLE_WEBHOOK_${flag.replaceAll('-', '_').toUpperCase()}`;
}

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

/** What should have stood where a value was wrong. */
class Expected {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
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
  for (const { flag, value, description, fallback, isRequired } of Object.values<Option>(OPTIONS)) {
    const isFor = fallback === undefined ? '' : ` (default: ${fallback})`;
    command.option(
      `--${flag} <${value}>`,
      `${description}${isRequired ? ' (required)' : isFor}\n[${environmentVariable(flag)}]`,
    );
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

function parsePath(text: string): string | Expected {
  return text === '' ? new Expected('a path') : text;
}

function parseIpAddress(text: string): string | Expected {
  return isIP(text) === 0 ? new Expected('an IP address such as 127.0.0.1 or ::') : text;
}

function parsePort(text: string): number | Expected {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? Number(text)
    : new Expected('a port from 0 (any free one) to 65535');
}

function oneOf<const Words extends readonly string[]>(
  words: Words,
): (text: string) => Words[number] | Expected {
  return (text) => words.find((word) => word === text) ?? new Expected(words.join(', '));
}

function parseRolePatterns(text: string): readonly string[] | Expected {
  const patterns = text
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  return patterns.every((pattern) => ROLE_PATTERN.test(pattern))
    ? Object.freeze(patterns)
    : new Expected('role names separated by commas, in which * matches any run');
}

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000 };
const MAX_DURATION_MS = 3_600_000;

function parseDuration(text: string): number | Expected {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  return milliseconds <= MAX_DURATION_MS
    ? milliseconds
    : new Expected('a duration up to 60m, such as 500ms, 10s, 1m');
}

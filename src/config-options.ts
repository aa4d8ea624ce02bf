import { LOG_LEVELS } from './observability/logger.ts';
import { VIOLATION_ACTIONS } from './policy/violation-action.ts';

/** An option as its user sees it. */
export type Option = Readonly<{
  flag: string;
  value: string;
  description: string;
  /** What a user who gives nothing gets, as they would have typed it. */
  fallback?: string;
  isRequired?: boolean;
  /** Given again on the command line, it adds to what was given before; others take the last. */
  isList?: boolean;
}>;

/** Every option there is; nothing else can be configured. */
export const OPTIONS = {
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
    isList: true,
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

/** The name of an option in the configuration. */
export type OptionName = keyof typeof OPTIONS;

/** The environment variable that stands for a flag. */
export function environmentVariable(flag: string): string {
  return `ECI_RAM_ROLE_WEBHOOK_${flag.replaceAll('-', '_').toUpperCase()}`;
}

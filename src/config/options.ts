import { ENFORCEMENT_ACTIONS } from '../admission/decision.ts';
import { LOG_LEVELS } from '../observability/logger.ts';
import { VIOLATION_ACTIONS } from '../policy/violation-action.ts';

/** An option as its user sees it. */
export type Option = Readonly<{
  flag: string;
  /** The letter that stands for it too. */
  short?: string;
  value: string;
  description: string;
  /** What a user who gives nothing gets, as they would have typed it. */
  fallback?: string;
  /** The other option with which it must be given, as its user would type that. */
  neededWith?: string;
  /** Given again on the command line, it is refused. */
  isOnce?: boolean;
  /** Given again on the command line, it adds to what was given before; others take the last. */
  isList?: boolean;
}>;

/** Every option there is; nothing else can be configured. */
export const OPTIONS = {
  source: {
    flag: 'source',
    value: 'source',
    description: 'where allowlists come from: file, or cluster (RamRoleAllowlist objects)',
    fallback: 'file',
  },
  allowlists: {
    flag: 'allowlists',
    value: 'file-or-directory',
    description: 'RamRoleAllowlists in YAML or JSON; of a directory its *.yaml, *.yml and *.json',
    neededWith: '--source file',
  },
  kubeconfig: {
    flag: 'kubeconfig',
    value: 'file',
    description: 'how to reach the API server (default: as the pod this runs in)',
  },
  tlsMode: {
    flag: 'tls-mode',
    value: 'mode',
    description:
      'where the serving certificate comes from: files, or self-managed (a Secret the replicas share)',
    fallback: 'files',
  },
  tlsCertFile: {
    flag: 'tls-cert-file',
    value: 'file',
    description: 'serving certificate and its chain, PEM; reloaded when it changes',
    neededWith: '--tls-mode files',
  },
  tlsPrivateKeyFile: {
    flag: 'tls-private-key-file',
    value: 'file',
    description: 'private key of the serving certificate, PEM; reloaded when it changes',
    neededWith: '--tls-mode files',
  },
  namespace: {
    flag: 'namespace',
    value: 'name',
    description: 'namespace of the Secret and the Service',
    neededWith: '--tls-mode self-managed',
  },
  tlsSecretName: {
    flag: 'tls-secret-name',
    value: 'name',
    description: 'Secret that holds the certificates',
    neededWith: '--tls-mode self-managed',
  },
  serviceName: {
    flag: 'service-name',
    value: 'name',
    description: 'Service that the API server calls',
    neededWith: '--tls-mode self-managed',
  },
  webhookConfigurationName: {
    flag: 'webhook-configuration-name',
    value: 'name',
    description: 'name of both webhook configurations, whose caBundle is kept right',
    neededWith: '--tls-mode self-managed',
  },
  bindAddress: {
    flag: 'bind-address',
    value: 'ip',
    description:
      'IP address of both ports (default: all addresses, IPv6 and IPv4, or IPv4 alone where there is no IPv6)',
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
  excludedNamespaces: {
    flag: 'excluded-namespaces',
    value: 'names',
    description:
      'namespaces whose pods the API server does not send to /validate-pods, separated by commas; an empty text means none',
    fallback: 'kube-system',
    isList: true,
  },
  unmutatedNamespaces: {
    flag: 'unmutated-namespaces',
    value: 'names',
    description:
      'namespaces whose pods the API server does not send to /mutate-pods, separated by commas; an empty text means none',
    fallback: 'kube-system',
    isList: true,
  },
  workloadsAction: {
    flag: 'workloads-action',
    value: 'action',
    description: `action on a workload whose pods will be refused: ${ENFORCEMENT_ACTIONS.join(', ')}`,
    fallback: 'Warn',
  },
  injectorsAction: {
    flag: 'injectors-action',
    value: 'action',
    description: `action on an injector that would give pods a role they may not have: ${ENFORCEMENT_ACTIONS.join(', ')}`,
    fallback: 'Deny',
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

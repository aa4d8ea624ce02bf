import * as z from 'zod';
import { ENFORCEMENT_ACTIONS } from '../admission/decision.ts';
import { LOG_LEVELS } from '../observability/logger.ts';
import { type Delegation, divideShares } from '../policy/share.ts';
import { VIOLATION_ACTIONS } from '../policy/violation-action.ts';
import { optionInfo } from './parse.ts';
import {
  delegations,
  duration,
  entries,
  ipAddress,
  kinds,
  namespaces,
  neededText,
  objectName,
  oneOf,
  path,
  port,
  roles,
} from './values.ts';

const FILE_SOURCE = { option: 'source', mode: 'file', otherwise: 'problem' } as const;
const TLS_FILES = { option: 'tlsMode', mode: 'files', otherwise: 'problem' } as const;
const SELF_MANAGED = { option: 'tlsMode', mode: 'self-managed', otherwise: 'ignored' } as const;

/** Namespaces that the chart excludes from both webhooks if its values name no others. */
export const DEFAULT_NAMESPACES = 'kube-system';

/** Every option of the server; nothing else can be configured. */
export const SERVER_OPTIONS = z
  .object({
    source: oneOf(['file', 'cluster']).register(optionInfo, {
      argument: 'source',
      description: 'source of the allowlists: files, or the RamRoleAllowlist objects of the cluster',
      default: 'file',
    }),
    allowlists: neededText(path('the path of a file or directory')).register(optionInfo, {
      argument: 'file-or-directory',
      description: 'RamRoleAllowlists in YAML or JSON; in a directory, all *.yaml, *.yml and *.json files',
      neededWith: FILE_SOURCE,
    }),
    kubeconfig: path().optional().register(optionInfo, {
      argument: 'file',
      description: 'kubeconfig file for the API server (default: the ServiceAccount of the pod)',
    }),
    tlsMode: oneOf(['files', 'self-managed']).register(optionInfo, {
      argument: 'mode',
      description: 'source of the serving certificate: files, or a Secret that the replicas maintain',
      default: 'files',
    }),
    tlsCertFile: neededText(path()).register(optionInfo, {
      argument: 'file',
      description: 'serving certificate and its chain in PEM; reloaded when it changes',
      neededWith: TLS_FILES,
    }),
    tlsPrivateKeyFile: neededText(path()).register(optionInfo, {
      argument: 'file',
      description: 'private key of the serving certificate in PEM; reloaded when it changes',
      neededWith: TLS_FILES,
    }),
    namespace: neededText(objectName()).register(optionInfo, {
      argument: 'name',
      description: 'namespace of the Secret and the Service',
      neededWith: SELF_MANAGED,
    }),
    tlsSecretName: neededText(objectName()).register(optionInfo, {
      argument: 'name',
      description: 'Secret that holds the certificates',
      neededWith: SELF_MANAGED,
    }),
    serviceName: neededText(objectName()).register(optionInfo, {
      argument: 'name',
      description: 'Service that the API server calls',
      neededWith: SELF_MANAGED,
    }),
    webhookConfigurationName: neededText(objectName()).register(optionInfo, {
      argument: 'name',
      description: 'name of both webhook configurations, whose caBundle the server maintains',
      neededWith: SELF_MANAGED,
    }),
    bindAddress: ipAddress().optional().register(optionInfo, {
      argument: 'ip',
      description: 'IP address of both ports (default: all IPv6 and IPv4 addresses)',
    }),
    securePort: port().register(optionInfo, {
      argument: 'port',
      description: 'HTTPS port of the webhook',
      default: '8443',
    }),
    probePort: port().register(optionInfo, {
      argument: 'port',
      description: 'HTTP port of /livez, /readyz and /metrics',
      default: '8081',
    }),
    installationFile: path().optional().register(optionInfo, {
      argument: 'file',
      description:
        'objects that the chart created, as a JSON array; the server reports those that are missing or changed (default: no check)',
    }),
    unlistedNamespaces: oneOf(VIOLATION_ACTIONS).register(optionInfo, {
      argument: 'action',
      description: 'action on a pod with a role if no allowlist selects its namespace',
      default: 'Deny',
    }),
    protectedRoles: roles().register(optionInfo, {
      argument: 'globs',
      description: 'roles that no allowlist can allow, separated by commas; an empty text protects none',
      default: 'KubernetesMasterRole-*,KubernetesWorkerRole-*',
      repeated: 'add',
    }),
    eciDetection: oneOf(['markers', 'all-pods']).register(optionInfo, {
      argument: 'mode',
      description: 'pods that get a default role: those with the markers of an ECI pod, or all pods',
      default: 'markers',
    }),
    excludedNamespaces: namespaces().register(optionInfo, {
      argument: 'names',
      description:
        'namespaces that the API server does not send to /validate-pods, separated by commas; an empty text means none',
      default: DEFAULT_NAMESPACES,
      repeated: 'add',
    }),
    unmutatedNamespaces: namespaces().register(optionInfo, {
      argument: 'names',
      description:
        'namespaces that the API server does not send to /mutate-pods, separated by commas; an empty text means none',
      default: DEFAULT_NAMESPACES,
      repeated: 'add',
    }),
    workloadsAction: oneOf(ENFORCEMENT_ACTIONS).register(optionInfo, {
      argument: 'action',
      description: 'action on a workload whose pods would be denied',
      default: 'Warn',
    }),
    ownMetadataKinds: kinds().register(optionInfo, {
      argument: 'kinds',
      description:
        'custom kinds whose own annotations become those of their pods, each as resource.group, separated by commas',
      default: '',
      repeated: 'add',
    }),
    injectorsAction: oneOf(ENFORCEMENT_ACTIONS).register(optionInfo, {
      argument: 'action',
      description: 'action on an injector that would give pods a role that is not allowed',
      default: 'Deny',
    }),
    maxAllowlistEntries: entries().register(optionInfo, {
      argument: 'count',
      description: 'most entries (namespaces, roles, ServiceAccounts) of all allowlists of the cluster',
      default: '500000',
    }),
    delegations: delegations().register(optionInfo, {
      argument: 'delegations',
      description:
        'prefixes of allowlists that teams write, each as prefix:entries:namespaces, with the namespaces separated by spaces; entries may be empty',
      default: '',
      repeated: 'add',
    }),
    drainDelay: duration().register(optionInfo, {
      argument: 'duration',
      description: 'time to keep answering after a stop signal, such as 500ms, 10s, 1m',
      default: '10s',
    }),
    logLevel: oneOf(LOG_LEVELS).register(optionInfo, {
      argument: 'level',
      description: 'least severe level to log',
      default: 'info',
    }),
  })
  .refine(({ maxAllowlistEntries, delegations }) => areWithin(delegations, maxAllowlistEntries), {
    path: ['delegations'],
    error: 'fewer entries than --max-allowlist-entries together',
    when: ({ issues }) =>
      issues.every(({ path }) => path?.[0] !== 'delegations' && path?.[0] !== 'maxAllowlistEntries'),
  })
  .refine(({ securePort, probePort }) => securePort !== probePort || securePort === 0, {
    path: ['probePort'],
    error: 'another port than --secure-port',
    // Also when other options have problems, but not when a port itself has one.
    when: ({ issues }) => issues.every(({ path }) => path?.[0] !== 'securePort' && path?.[0] !== 'probePort'),
  });

function areWithin(delegations: readonly Delegation[], maxEntries: number): boolean {
  return divideShares({ maxEntries, delegations }).rest.maxEntries > 0;
}

/** The parsed values of all options of the server. */
export type ServerOptions = z.output<typeof SERVER_OPTIONS>;

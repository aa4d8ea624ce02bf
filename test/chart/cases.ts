import type { Values } from './helm.ts';

const ALLOWLISTS = {
  payments: {
    namespaces: ['payments', 'payments-*'],
    roles: ['payments-reader', 'payments-*'],
    defaultRole: 'payments-reader',
    contact: '#platform-payments',
  },
  incident: {
    namespaces: ['analytics'],
    roles: ['*'],
    serviceAccounts: ['batch-*'],
    violationAction: 'Warn',
    reason: 'incident 4711',
    expiresAt: '2026-12-01T18:00:00Z',
  },
};

const CA_BUNDLE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** The values that each TLS mode needs. */
export const TLS_MODES = {
  'self-managed': { mode: 'self-managed' },
  'cert-manager': { mode: 'cert-manager' },
  'existing-secret': { mode: 'existing-secret', existingSecret: 'webhook-tls', caBundle: CA_BUNDLE },
} as const satisfies Record<string, Values>;

export const SOURCES = ['cluster', 'file'] as const;

/** Everything that is off by default. */
export const EXTRAS = {
  commonLabels: { team: 'platform' },
  imagePullSecrets: [{ name: 'registry' }],
  priorityClassName: 'system-cluster-critical',
  workloads: {
    action: 'Deny',
    customKinds: [{ apiGroups: ['apps.kruise.io'], resources: ['clonesets', 'statefulsets'] }],
  },
  extraArgs: ['--log-level=debug'],
  extraEnv: [{ name: 'NO_PROXY', value: '10.0.0.1' }],
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  podAnnotations: { note: 'yes' },
  podLabels: { tier: 'control' },
  creationLock: {
    exemptUsernames: ['system:serviceaccount:kube-system:eci-profile'],
    exemptGroups: ['migration'],
  },
  networkPolicy: {
    enabled: true,
    apiServer: { cidrs: ['10.0.0.0/28'] },
    metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
  },
  metrics: {
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
    dashboard: { enabled: true },
  },
} as const satisfies Values;

/** Of lists in the cluster alone. */
const DELEGATIONS = [
  {
    groups: ['team-a'],
    listNamePrefix: 'team-a-',
    namespaces: ['team-a', 'team-a-*'],
    roles: ['team-a-reader', 'team-a-*'],
  },
  { groups: ['team-b', 'leads'], listNamePrefix: 'team-b-', namespaces: ['team-b'], roles: ['reader'] },
];

/** Every TLS mode × source, without and with extras. */
export const CASES: Readonly<Record<string, Values>> = Object.fromEntries(
  Object.entries(TLS_MODES).flatMap(([mode, tls]) =>
    SOURCES.flatMap((source) => {
      const values: Values = { tls, source, allowlists: ALLOWLISTS };
      return [
        [`${mode}, ${source}`, values],
        [
          `${mode}, ${source}, extras`,
          { ...values, ...EXTRAS, ...(source === 'cluster' && { delegations: DELEGATIONS }) },
        ],
      ];
    }),
  ),
);

/** Names and texts that YAML reads as numbers where they are not quoted. */
const NUMBER = '20261129';
const OF_DIGITS: Values = {
  ...EXTRAS,
  nameOverride: '4711',
  commonLabels: { build: NUMBER },
  image: { repository: '12', tag: '34' },
  imagePullSecrets: [{ name: NUMBER }],
  priorityClassName: NUMBER,
  podLabels: { build: '1e3' },
  podAnnotations: { build: '0x10' },
  serviceAccount: { name: NUMBER, annotations: { build: NUMBER } },
  service: { annotations: { build: NUMBER } },
  nodeSelector: { pool: '1' },
  topologySpread: { topologyKeys: [NUMBER] },
  mutatingWebhook: { excludedNamespaces: ['12'] },
  validatingWebhook: { excludedNamespaces: ['12'] },
  protectedRoles: ['4712'],
  test: { namespace: '4444412', podAnnotations: { build: NUMBER } },
};
const LIST_OF_DIGITS = {
  ...{ namespaces: ['4444412'], roles: ['4711'], defaultRole: '4711', serviceAccounts: ['1'] },
  ...{ contact: '1', reason: '2' },
};

export const DIGITS: Readonly<Record<string, Values>> = {
  'self-managed, cluster': {
    ...OF_DIGITS,
    allowlists: { [NUMBER]: LIST_OF_DIGITS },
    delegations: [{ groups: ['1'], listNamePrefix: '1-', namespaces: ['2'], roles: ['3'] }],
  },
  'cert-manager, file': {
    ...OF_DIGITS,
    source: 'file',
    allowlists: { [NUMBER]: LIST_OF_DIGITS },
    tls: { mode: 'cert-manager', certManager: { issuerRef: { name: NUMBER } } },
  },
  'existing-secret, cluster': {
    ...OF_DIGITS,
    tls: { ...TLS_MODES['existing-secret'], existingSecret: NUMBER },
  },
};

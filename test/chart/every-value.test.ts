// Every value in values.yaml changes what is rendered: there is none that does nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import { TLS_MODES } from './cases.ts';
import { CHART, format, OF_CLUSTER, render as renderAlone, type Values } from './helm.ts';

const render = (given: Values) => renderAlone(given, { flags: OF_CLUSTER });

const NETWORK_POLICY = { networkPolicy: { enabled: true, apiServer: { cidrs: ['10.1.0.0/28'] } } };

/** Another value for each, and the values without which it has no effect. */
const CHANGES: Readonly<Record<string, Readonly<{ to: unknown; given?: Values }>>> = {
  nameOverride: { to: 'webhook' },
  fullnameOverride: { to: 'webhook' },
  commonLabels: { to: { team: 'platform' } },
  'image.repository': { to: 'registry.example.com/webhook' },
  'image.tag': { to: 'v9' },
  'image.digest': { to: `sha256:${'0'.repeat(64)}` },
  'image.pullPolicy': { to: 'Always' },
  imagePullSecrets: { to: [{ name: 'registry' }] },
  source: { to: 'file' },
  allowlists: { to: { payments: { namespaces: ['payments'], roles: ['reader'] } } },
  delegations: {
    to: [{ groups: ['team-a'], listNamePrefix: 'team-a-', namespaces: ['team-a'], roles: ['reader'] }],
  },
  unlistedNamespaces: { to: 'Warn' },
  'workloads.action': { to: 'Off' },
  'workloads.customKinds': { to: [{ apiGroups: ['apps.kruise.io'], resources: ['clonesets'] }] },
  'creationLock.pods': { to: 'Off' },
  'creationLock.podsStatus': { to: 'Deny' },
  'creationLock.exemptUsernames': { to: ['system:serviceaccount:kube-system:eci-profile'] },
  'creationLock.exemptGroups': { to: ['migration'] },
  'injectors.action': { to: 'Warn' },
  protectedRoles: { to: [] },
  eciDetection: { to: 'all-pods' },
  'mutatingWebhook.failurePolicy': { to: 'Fail' },
  'mutatingWebhook.timeoutSeconds': { to: 1 },
  'mutatingWebhook.excludedNamespaces': { to: [] },
  'validatingWebhook.failurePolicy': { to: 'Ignore' },
  'validatingWebhook.timeoutSeconds': { to: 1 },
  'validatingWebhook.excludedNamespaces': { to: [] },
  'tls.mode': { to: 'cert-manager' },
  'tls.existingSecret': { to: 'other', given: { tls: TLS_MODES['existing-secret'] } },
  'tls.caBundle': { to: '-----BEGIN CERTIFICATE-----\n', given: { tls: TLS_MODES['existing-secret'] } },
  'tls.certManager.issuerRef.name': { to: 'ours', given: { tls: TLS_MODES['cert-manager'] } },
  'tls.certManager.issuerRef.kind': {
    to: 'ClusterIssuer',
    given: { tls: { mode: 'cert-manager', certManager: { issuerRef: { name: 'ours' } } } },
  },
  'tls.certManager.duration': { to: '1000h', given: { tls: TLS_MODES['cert-manager'] } },
  'tls.certManager.renewBefore': { to: '8h', given: { tls: TLS_MODES['cert-manager'] } },
  securePort: { to: 8443 },
  probePort: { to: 8082 },
  bindAddress: { to: 'all' },
  drainDelaySeconds: { to: 20 },
  logLevel: { to: 'warn' },
  maxAllowlistEntries: { to: 600_000 },
  extraArgs: { to: ['--log-level=debug'] },
  extraEnv: { to: [{ name: 'NO_PROXY', value: '10.0.0.1' }] },
  replicas: { to: 3 },
  priorityClassName: { to: 'system-cluster-critical' },
  'resources.requests.cpu': { to: '1' },
  'resources.requests.memory': { to: '1Gi' },
  'resources.limits.memory': { to: '1Gi' },
  'nodeSelector.kubernetes\\.io/os': { to: 'other' },
  tolerations: { to: [{ operator: 'Exists' }] },
  affinity: { to: { podAntiAffinity: {} } },
  'topologySpread.topologyKeys': { to: [] },
  'topologySpread.whenUnsatisfiable': { to: 'DoNotSchedule' },
  'podDisruptionBudget.enabled': { to: false },
  'podDisruptionBudget.maxUnavailable': { to: '50%' },
  podLabels: { to: { tier: 'control' } },
  podAnnotations: { to: { note: 'yes' } },
  'serviceAccount.create': { to: false },
  'serviceAccount.name': { to: 'other' },
  'serviceAccount.annotations': { to: { note: 'yes' } },
  'service.annotations': { to: { note: 'yes' } },
  'networkPolicy.enabled': {
    to: true,
    given: { networkPolicy: { ...NETWORK_POLICY.networkPolicy, enabled: false } },
  },
  'networkPolicy.apiServer.cidrs': { to: ['10.0.0.0/28'], given: NETWORK_POLICY },
  'networkPolicy.apiServer.ports': { to: [6443], given: NETWORK_POLICY },
  'networkPolicy.metricsFrom': { to: [{ podSelector: {} }], given: NETWORK_POLICY },
  'metrics.serviceMonitor.enabled': { to: true },
  'metrics.serviceMonitor.labels': {
    to: { release: 'prometheus' },
    given: { metrics: { serviceMonitor: { enabled: true } } },
  },
  'metrics.serviceMonitor.interval': { to: '5s', given: { metrics: { serviceMonitor: { enabled: true } } } },
  'metrics.prometheusRule.enabled': { to: true },
  'metrics.prometheusRule.runbook': {
    to: 'https://runbooks.example.com/webhook',
    given: { metrics: { prometheusRule: { enabled: true } } },
  },
  'metrics.prometheusRule.labels': {
    to: { release: 'prometheus' },
    given: { metrics: { prometheusRule: { enabled: true } } },
  },
  'metrics.dashboard.enabled': { to: true },
  'metrics.dashboard.labels.grafana_dashboard': {
    to: 'yes',
    given: { metrics: { dashboard: { enabled: true } } },
  },
  'test.namespace': { to: 'sandbox' },
  'test.podAnnotations': { to: { 'sidecar.istio.io/inject': 'false' } },
};

/** Values without which these others are refused. */
const REQUIRED: Readonly<Record<string, Readonly<{ to: unknown; given: Values }>>> = {
  'networkPolicy.apiServer.anyAddress': { to: true, given: { networkPolicy: { enabled: true } } },
};

const values: unknown = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'));

test('the tables above name the values of values.yaml, each once', () => {
  assert.deepEqual([...Object.keys(CHANGES), ...Object.keys(REQUIRED)].sort(), leaves(values, '').toSorted());
});

for (const [path, { to, given = {} }] of Object.entries(CHANGES)) {
  test(`${path} changes the render`, () => {
    assert.notEqual(format(render(set(given, path, to))), format(render(given)));
  });
}

for (const [path, { to, given }] of Object.entries(REQUIRED)) {
  test(`${path} permits what is refused without it`, () => {
    assert.throws(() => render(given), new RegExp(path.split('.').at(-1) ?? path));
    assert.doesNotThrow(() => render(set(given, path, to)));
  });
}

/** In these a user may take away what is there by default. */
const MAPS = /^(resources|nodeSelector|metrics\.dashboard\.labels)\./;

for (const path of leaves(values, '').filter((path) => isNeeded(path, leaf(values, path)))) {
  test(`${path} cannot be null, which takes the default away`, () => {
    const parent = path.split('.').slice(0, -1).join('/');
    const message = `'${parent && `/${parent}`}': missing property '${path.split('.').at(-1)}'`;
    assert.throws(() => render(set({}, path, null)), new RegExp(message));
  });
}

for (const key of ['commonLabels', 'podLabels', 'service', 'serviceAccount', 'networkPolicy', 'test']) {
  test(`${key} cannot be null, in which templates would look for more`, () => {
    assert.throws(() => render({ [key]: null }), new RegExp(`missing property '${key}'`));
  });
}

/** What stands for nothing is what null is; so is a list, but for those that decide which pods are judged. */
function isNeeded(path: string, value: unknown): boolean {
  const isScalar = (typeof value === 'string' && value !== '') || typeof value === 'number';
  return (isScalar && !MAPS.test(path)) || /protectedRoles$|excludedNamespaces$/.test(path);
}

/** A key that holds a dot has it escaped, as for `helm --set`. */
function leaves(value: unknown, path: string): readonly string[] {
  return isMap(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]) =>
        leaves(inner, `${path}${path && '.'}${key.replaceAll('.', '\\.')}`),
      )
    : [path];
}

function leaf(value: unknown, path: string): unknown {
  return path
    .split(/(?<!\\)\./)
    .reduce((inner, key) => (isMap(inner) ? inner[key.replaceAll('\\.', '.')] : undefined), value);
}

function set(given: Values, path: string, to: unknown): Values {
  const [key = '', ...rest] = path.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
  if (rest.length === 0) {
    return { ...given, [key]: to };
  }
  const inner = given[key];
  const restPath = path.slice(path.search(/(?<!\\)\./) + 1);
  return { ...given, [key]: set(isMap(inner) ? inner : {}, restPath, to) };
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

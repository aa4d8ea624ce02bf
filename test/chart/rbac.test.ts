import assert from 'node:assert/strict';
import test from 'node:test';
import { CASES, TLS_MODES } from './cases.ts';
import { find, type Manifest, render } from './helm.ts';

const NAME = 'eci-ram-role-webhook';
const RBAC_KINDS = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
const READ_ALLOWLISTS = {
  apiGroups: ['eci-ram-role.io'],
  resources: ['ramroleallowlists'],
  verbs: ['list', 'watch'],
};
const WRITE_STATUS = {
  apiGroups: ['eci-ram-role.io'],
  resources: ['ramroleallowlists/status'],
  verbs: ['patch'],
};
const READ_NAMESPACES = { apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] };
const READ_PODS = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
const READ_CRD = {
  apiGroups: ['apiextensions.k8s.io'],
  resources: ['customresourcedefinitions'],
  resourceNames: ['ramroleallowlists.eci-ram-role.io'],
  verbs: ['get'],
};
const READ_REGISTRATIONS = {
  apiGroups: ['admissionregistration.k8s.io'],
  resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
  resourceNames: ['eci-ram-role-webhook'],
  verbs: ['get'],
};
const PUBLISH_CA = { ...READ_REGISTRATIONS, verbs: ['patch'] };
const readPolicies = (...names: readonly string[]) => ({
  apiGroups: ['admissionregistration.k8s.io'],
  resources: ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
  resourceNames: names.map((name) => `eci-ram-role-webhook-${name}`),
  verbs: ['get'],
});
const CREATION_LOCK = ['creation-lock', 'creation-lock-status'];

test('the server is given what it uses and nothing else', () => {
  const manifests = render();
  assert.deepEqual(find(manifests, 'ClusterRole', 'eci-ram-role-webhook').rules, [
    READ_ALLOWLISTS,
    WRITE_STATUS,
    READ_NAMESPACES,
    READ_PODS,
    READ_CRD,
    READ_REGISTRATIONS,
    readPolicies('ca-bundle-only', ...CREATION_LOCK),
    PUBLISH_CA,
  ]);
  assert.deepEqual(find(manifests, 'Role', 'eci-ram-role-webhook').rules, [
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['eci-ram-role-webhook-tls'],
      verbs: ['get', 'update'],
    },
  ]);
});

test('with self-managed TLS and files, the server may check its installation and publish its CA', () => {
  assert.deepEqual(find(render({ source: 'file' }), 'ClusterRole').rules, [
    READ_REGISTRATIONS,
    readPolicies('ca-bundle-only', ...CREATION_LOCK),
    PUBLISH_CA,
  ]);
});

test('the server may read no policies if the chart has none', () => {
  const creationLock = { pods: 'Off', podsStatus: 'Off' };
  const rules = find(render({ tls: TLS_MODES['cert-manager'], creationLock }), 'ClusterRole', NAME).rules;
  assert.deepEqual(Array.isArray(rules) && rules.at(-1), READ_REGISTRATIONS);
});

for (const mode of ['cert-manager', 'existing-secret'] as const) {
  test(`with ${mode} and files, the server has no RBAC and no token`, () => {
    const manifests = render({ tls: TLS_MODES[mode], source: 'file' });
    assert.deepEqual(rbacOfServer(manifests), []);
    assert.match(JSON.stringify(find(manifests, 'Deployment')), /"automountServiceAccountToken":false/);
    assert.equal(
      find(manifests, 'ServiceAccount', 'eci-ram-role-webhook').automountServiceAccountToken,
      false,
    );
  });

  test(`with ${mode} and the cluster, the server may not touch Secrets, and only read its registrations`, () => {
    const manifests = render({ tls: TLS_MODES[mode] });
    assert.deepEqual(find(manifests, 'ClusterRole', 'eci-ram-role-webhook').rules, [
      READ_ALLOWLISTS,
      WRITE_STATUS,
      READ_NAMESPACES,
      READ_PODS,
      READ_CRD,
      READ_REGISTRATIONS,
      readPolicies(...CREATION_LOCK),
    ]);
    assert.deepEqual(
      rbacOfServer(manifests).filter(({ kind }) => kind.startsWith('Role')),
      [],
    );
  });
}

test('reading allowlists is aggregated to view, writing them to nothing', () => {
  const manifests = render();
  const aggregated = manifests.filter(({ metadata }) =>
    Object.keys(metadata.labels ?? {}).some((label) =>
      label.startsWith('rbac.authorization.k8s.io/aggregate-to-'),
    ),
  );
  assert.deepEqual(
    aggregated.map(({ metadata, rules }) => [metadata.name, rules]),
    [['eci-ram-role-webhook-allowlist-reader', [{ ...READ_ALLOWLISTS, verbs: ['get', 'list', 'watch'] }]]],
  );
});

test('the webhooks are bound to no caBundle where somebody else fills it in', () => {
  for (const mode of ['self-managed', 'cert-manager'] as const) {
    assert.doesNotMatch(JSON.stringify(render({ tls: TLS_MODES[mode] })), /"caBundle":/);
  }
});

for (const [name, values] of Object.entries(CASES)) {
  test(`no rule has a wildcard: ${name}`, () => {
    for (const { kind, rules } of render(values).filter(({ kind }) => RBAC_KINDS.includes(kind))) {
      assert.doesNotMatch(`${kind} ${JSON.stringify(rules)}`, /\*/);
    }
  });
}

function rbacOfServer(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter(
    ({ kind, metadata }) =>
      RBAC_KINDS.includes(kind) && metadata.labels?.['app.kubernetes.io/component'] === 'webhook',
  );
}

for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
  for (const [mode, tls] of Object.entries(TLS_MODES)) {
    const isInjected = mode === 'cert-manager';
    test(`with ${mode}, cert-manager is ${isInjected ? '' : 'not '}asked to fill in the caBundle of the ${kind}`, () => {
      const annotations = find(render({ tls }), kind).metadata.annotations ?? {};
      assert.deepEqual(
        annotations,
        isInjected ? { 'cert-manager.io/inject-ca-from': 'eci-ram-role-system/eci-ram-role-webhook' } : {},
      );
    });
  }
}

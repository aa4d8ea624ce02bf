// What an installation prints says how to test it, and how to get rid of one that failed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { renderNotes, type Values } from './helm.ts';

const delegationOf = (listNamePrefix: string): Values => ({
  delegations: [{ groups: ['team-a'], listNamePrefix, namespaces: ['team-a'], roles: ['reader'] }],
});
const NO_DASH = 'listNamePrefix "team-a" of delegations[0] does not end with a dash';

const CASES: readonly Readonly<{ name: string; values: Values; says: string; never?: string }>[] = [
  {
    name: 'how to remove an installation that fails',
    values: {},
    says: 'helm uninstall eci-ram-role-webhook --namespace',
    never: 'cainjector',
  },
  {
    name: 'a sample allowlist that replaces none',
    values: {},
    says: "kubectl create -f - <<'EOF'",
    never: 'kubectl apply',
  },
  {
    name: 'values of an older release that are completed',
    values: {},
    says: '--reset-then-reuse-values --set unlistedNamespaces=Warn',
    never: ' --reuse-values',
  },
  {
    name: 'that only helm test shows whether cert-manager has finished',
    values: { tls: { mode: 'cert-manager' } },
    says: "Until cert-manager's cainjector has filled in the caBundle, pods with a role are rejected.",
  },
  { name: 'a prefix of a delegation without a dash', values: delegationOf('team-a'), says: NO_DASH },
  {
    name: 'nothing about a prefix with a dash',
    values: delegationOf('team-a-'),
    says: 'kubectl create clusterrolebinding',
    never: 'does not end with a dash',
  },
  {
    name: 'that nothing reads the value enabled',
    values: { enabled: false },
    says: 'The value enabled is false, but only the condition',
  },
];

for (const { name, values, says, never } of CASES) {
  test(`prints ${name}`, () => {
    const notes = renderNotes(values);
    assert.ok(notes.includes(says), notes);
    assert.ok(never === undefined || !notes.includes(never), notes);
  });
}

const unserved = { apiGroups: ['apps.kruise.oi'], resources: ['clonesets'] };

test('name the groups of custom kinds that the cluster does not serve', () => {
  const customKinds = [
    { apiGroups: ['apps.kruise.oi', 'networking.k8s.io'], resources: ['clonesets'] },
    { apiGroups: ['apps.kruise.oi'], resources: ['statefulsets'] },
  ];
  const warnings = renderNotes({ workloads: { customKinds } }).match(/^workloads\.customKinds.*$/gm);
  assert.deepEqual(warnings, [
    'workloads.customKinds names the API group apps.kruise.oi, which this cluster does not serve: its objects are not checked. Is it misspelt?',
  ]);
});

test('name none without custom kinds, or if they are not checked', () => {
  for (const workloads of [{}, { action: 'Off', customKinds: [unserved] }]) {
    assert.doesNotMatch(renderNotes({ workloads }), /customKinds/);
  }
});

// The server gets the objects that it checks as the chart renders them.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { compareObject } from '../../src/installation/compare.ts';
import { CASES, TLS_MODES } from './cases.ts';
import { find, HELMS, type Helm, type Manifest, render, type Values } from './helm.ts';

const FILE = '/etc/eci-ram-role-webhook/installation/objects.json';
const KINDS = [
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'Secret'],
];
const SINGLE = 'eci-ram-role.io';
const objects = z.array(z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) }));
const configMap = z.looseObject({ data: z.object({ 'objects.json': z.string() }) });

function installationOf(manifests: readonly Manifest[], name = 'eci-ram-role-webhook') {
  const { data } = configMap.parse(find(manifests, 'ConfigMap', `${name}-installation`));
  return objects.parse(JSON.parse(data['objects.json']));
}

suite('the installation that the server checks', () => {
  for (const [title, values] of Object.entries(CASES).filter(
    ([title]) => !/file/.test(title) || /self/.test(title),
  )) {
    for (const helm of HELMS) {
      test(`${helm} renders each object as it is, without the caBundle: ${title}`, () =>
        expectSame(values, helm));
    }
  }

  function expectSame(values: Values, helm: Helm): void {
    const manifests = render(values, { helm });
    const installation = installationOf(manifests);
    const ids = installation.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const rendered = manifests.filter(
      ({ kind, metadata }) => KINDS.includes(kind) && metadata.name !== SINGLE,
    );
    assert.deepEqual(
      ids.toSorted(),
      rendered.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(),
    );
    for (const object of installation) {
      const actual = find(rendered, object.kind, object.metadata.name);
      assert.deepEqual(compareObject(object, actual), { changes: [], additions: [] });
    }
    assert.doesNotMatch(JSON.stringify(installation), /caBundle"|labels"/);
    const [policy] = installation.filter(({ metadata }) => metadata.name.endsWith('creation-lock'));
    assert.match(JSON.stringify(policy), /validationActions|expression/);
  }

  test('is mounted, and named to the server', () => {
    const deployment = JSON.stringify(find(render(), 'Deployment'));
    assert.ok(deployment.includes(`"--installation-file=${FILE}"`));
    assert.ok(deployment.includes('"configMap":{"name":"eci-ram-role-webhook-installation"}'));
  });

  test('asks for a Secret that can be changed and deleted', () => {
    const secret = installationOf(render()).find(({ kind }) => kind === 'Secret');
    assert.deepEqual(secret, {
      kind: 'Secret',
      metadata: { name: 'eci-ram-role-webhook-tls', namespace: 'eci-ram-role-system', finalizers: null },
      immutable: null,
    });
  });

  for (const mode of ['cert-manager', 'existing-secret'] as const) {
    test(`is not there with ${mode} and files`, () => {
      const manifests = render({ tls: TLS_MODES[mode], source: 'file' });
      assert.doesNotMatch(JSON.stringify(find(manifests, 'Deployment')), /--installation-file/);
      assert.ok(!manifests.some(({ metadata }) => metadata.name.endsWith('-installation')));
    });
  }
});

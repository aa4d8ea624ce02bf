import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { CHART, find, HELMS, OF_CLUSTER, render } from './helm.ts';

const parents: string[] = [];
after(() => {
  for (const parent of parents) {
    rmSync(parent, { recursive: true });
  }
});

/** A chart that has this one in `charts/`, with more fields of the dependency. */
function createParent(fields = ''): string {
  const parent = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-parent-'));
  parents.push(parent);
  mkdirSync(join(parent, 'charts'));
  cpSync(CHART, join(parent, 'charts/eci-ram-role-webhook'), { recursive: true });
  const dependency = `{name: eci-ram-role-webhook, version: ${packageJson.version}${fields}}`;
  writeFileSync(
    join(parent, 'Chart.yaml'),
    `apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies: [${dependency}]\n`,
  );
  return parent;
}

const ALIASES = [
  ['eciWebhook', 'eciwebhook'],
  ['ECI_Webhook', 'eci-webhook'],
  ['-eci-', 'eci'],
] as const;
const RELEASES = [
  ['12345', 'release-12345-eci-ram-role-webhook'],
  ['team.a', 'team-a-eci-ram-role-webhook'],
] as const;

for (const helm of HELMS) {
  test(`${helm} renders it as a part of another chart, whose global values it accepts`, () => {
    const values = { global: { region: 'cn-hangzhou' }, 'eci-ram-role-webhook': { replicas: 3 } };
    const manifests = render(values, { helm, chart: createParent(), release: 'platform' });
    const { metadata, spec } = find(manifests, 'Deployment');
    assert.equal(metadata.name, 'platform-eci-ram-role-webhook');
    assert.match(JSON.stringify(spec), /"replicas":3/);
  });

  test(`${helm} renders it where the parent's condition holds`, () => {
    const chart = createParent(', condition: eci-ram-role-webhook.enabled');
    for (const enabled of [true, false]) {
      const manifests = render({ 'eci-ram-role-webhook': { enabled } }, { helm, chart });
      assert.equal(manifests.length > 0, enabled);
    }
  });

  for (const [alias, name] of ALIASES) {
    test(`${helm} gives objects valid names where the parent's alias is ${alias}`, () => {
      const chart = createParent(`, alias: ${alias}`);
      const manifests = render({}, { helm, chart, release: 'platform', flags: OF_CLUSTER });
      for (const { metadata } of manifests) {
        assert.match(metadata.name, /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/);
        assert.equal(metadata.labels?.['app.kubernetes.io/name'], name);
        assert.match(metadata.labels?.['helm.sh/chart'] ?? '', new RegExp(`^${name}-`));
      }
      assert.equal(find(manifests, 'Deployment').metadata.name, `platform-${name}`);
    });
  }

  for (const [release, name] of RELEASES) {
    test(`${helm} gives the Service of release ${release} a name that every Kubernetes accepts`, () => {
      const { metadata } = find(render({}, { helm, release }), 'Service');
      assert.equal(metadata.name, name);
      assert.equal(metadata.labels?.['app.kubernetes.io/instance'], release);
    });
  }
}

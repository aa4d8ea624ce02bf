import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CHART, find, HELMS, render } from './helm.ts';

const parent = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-parent-'));
mkdirSync(join(parent, 'charts'));
cpSync(CHART, join(parent, 'charts/eci-ram-role-webhook'), { recursive: true });
writeFileSync(join(parent, 'Chart.yaml'), 'apiVersion: v2\nname: platform\nversion: 1.0.0\n');
after(() => rmSync(parent, { recursive: true }));

for (const helm of HELMS) {
  test(`${helm} renders it as a part of another chart, whose global values it accepts`, () => {
    const values = { global: { region: 'cn-hangzhou' }, 'eci-ram-role-webhook': { replicas: 3 } };
    const manifests = render(values, { helm, chart: parent, release: 'platform' });
    const { metadata, spec } = find(manifests, 'Deployment');
    assert.equal(metadata.name, 'platform-eci-ram-role-webhook');
    assert.match(JSON.stringify(spec), /"replicas":3/);
  });
}

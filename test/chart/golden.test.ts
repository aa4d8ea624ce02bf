// Renders compared with golden/*.yaml; UPDATE_GOLDEN=1 writes them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CASES } from './cases.ts';
import { format, HELMS, render, type Values } from './helm.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

const RENDERS: Readonly<Record<string, Values | undefined>> = {
  defaults: {},
  'self-managed-cluster-extras': CASES['self-managed, cluster, extras'],
  'cert-manager-cluster': CASES['cert-manager, cluster'],
  'existing-secret-file': CASES['existing-secret, file'],
};

for (const [name, values] of Object.entries(RENDERS)) {
  const file = join(GOLDEN, `${name}.yaml`);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, format(render(values)));
  }
  for (const helm of HELMS) {
    test(`${helm} renders golden/${name}.yaml`, () => {
      assert.equal(format(render(values, { helm })), readFileSync(file, 'utf8'));
    });
  }
}

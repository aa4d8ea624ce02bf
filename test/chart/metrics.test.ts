// Alerts and dashboard ask for metrics that the server has.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createRegistry } from '../builders/registry.ts';
import { CASES } from './cases.ts';
import { find, render } from './helm.ts';

const known = new Set(
  createRegistry()
    .getMetricsAsArray()
    .map(({ name }) => name),
);

const manifests = render(CASES['self-managed, cluster, extras']);

for (const object of [
  find(manifests, 'PrometheusRule'),
  find(manifests, 'ConfigMap', 'eci-ram-role-webhook-dashboard'),
]) {
  test(`the ${object.kind} names metrics of the server alone`, () => {
    const named = JSON.stringify(object).match(/\b(eci_ram_role_webhook|process|nodejs)_[a-z_]+/g) ?? [];
    const unknown = named.filter((name) => !known.has(name.replace(/_bucket$/, '')));
    assert.ok(named.length > 0);
    assert.deepEqual(unknown, []);
  });
}

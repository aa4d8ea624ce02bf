// Alerts and dashboard ask for metrics that the server has.
import assert from 'node:assert/strict';
import test from 'node:test';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createPolicyMetrics } from '../../src/observability/policy-metrics.ts';
import { createAdmissionMetrics, createCertificateMetrics } from '../../src/observability/server-metrics.ts';
import { CASES } from './cases.ts';
import { find, render } from './helm.ts';

/** Of the cluster source. */
const WATCH_METRICS = [
  'eci_ram_role_webhook_crd_outdated',
  'eci_ram_role_webhook_held_allowlists',
  'eci_ram_role_webhook_watch_last_contact_timestamp_seconds',
];

const registry = new Registry();
collectDefaultMetrics({ register: registry });
createAdmissionMetrics(registry);
createCertificateMetrics(registry);
createPolicyMetrics(registry);
const known = new Set([...registry.getMetricsAsArray().map(({ name }) => name), ...WATCH_METRICS]);

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

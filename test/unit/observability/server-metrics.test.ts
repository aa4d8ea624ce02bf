import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createCertificateMetrics } from '../../../src/observability/server-metrics.ts';

test('restores of the CA bundle are counted from zero', async () => {
  const registry = new Registry();
  const { countBundleRestore } = createCertificateMetrics(registry);
  assert.match(await registry.metrics(), /^eci_ram_role_webhook_ca_bundle_restores_total 0$/m);
  countBundleRestore();
  assert.match(await registry.metrics(), /^eci_ram_role_webhook_ca_bundle_restores_total 1$/m);
});

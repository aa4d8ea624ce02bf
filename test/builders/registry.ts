import { Registry } from 'prom-client';
import { createAdmissionMetrics } from '../../src/observability/admission-metrics.ts';
import { registerDefaultMetrics } from '../../src/observability/metrics.ts';
import { createPolicyMetrics, createWatchMetrics } from '../../src/observability/policy-metrics.ts';
import {
  createCertificateMetrics,
  createInstallationMetrics,
  createReadinessMetric,
} from '../../src/observability/server-metrics.ts';
import { DECISIONS } from '../../src/routes.ts';
import { policyOf } from './policy.ts';

/** A registry with every metric of a server that has just started. */
export function createRegistry(): Registry {
  const registry = new Registry();
  registerDefaultMetrics(registry);
  createAdmissionMetrics(registry, {
    decisions: DECISIONS,
    getPolicy: () => policyOf([]),
    getNamespaces: () => undefined,
  });
  createCertificateMetrics(registry);
  createInstallationMetrics(registry);
  createReadinessMetric(registry, () => false);
  createPolicyMetrics(registry);
  createWatchMetrics(registry);
  return registry;
}

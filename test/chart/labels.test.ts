// Labels that two values give appear once: an object with a key twice is no YAML.
import assert from 'node:assert/strict';
import test from 'node:test';
import { find, HELMS, OF_CLUSTER, render } from './helm.ts';

const labels = { release: 'own' };
const VALUES = {
  commonLabels: { release: 'common', 'rbac.authorization.k8s.io/aggregate-to-view': 'false' },
  podLabels: labels,
  metrics: {
    serviceMonitor: { enabled: true, labels },
    prometheusRule: { enabled: true, labels },
    dashboard: { enabled: true, labels },
  },
};

for (const helm of HELMS) {
  test(`${helm} prefers the labels of an object to the common ones`, () => {
    const manifests = render(VALUES, { helm, flags: OF_CLUSTER });
    const objects = [
      find(manifests, 'ServiceMonitor'),
      find(manifests, 'PrometheusRule'),
      find(manifests, 'ConfigMap', 'eci-ram-role-webhook-dashboard'),
    ];
    for (const { kind, metadata } of objects) {
      assert.equal(metadata.labels?.['release'], 'own', kind);
    }
    for (const { kind, metadata } of manifests) {
      assert.match(metadata.labels?.['release'] ?? '', /^(common|own)$/, kind);
    }
    const { spec } = find(manifests, 'Deployment');
    assert.match(JSON.stringify(spec), /"metadata":\{"labels":\{[^}]*"release":"own"/);
    const reader = find(manifests, 'ClusterRole', 'eci-ram-role-webhook-allowlist-reader').metadata;
    assert.equal(reader.labels?.['rbac.authorization.k8s.io/aggregate-to-view'], 'true');
  });
}

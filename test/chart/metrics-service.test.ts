// The API server's calls and Prometheus' come by Services of their own.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EXTRAS } from './cases.ts';
import { find, type Manifest, render, type Values } from './helm.ts';

const METRICS = { metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } } };
const NAME = 'eci-ram-role-webhook';

suite('the Service that the API server calls', () => {
  for (const [name, values] of Object.entries({ defaults: {}, extras: EXTRAS })) {
    test(`has the port of the webhook alone: ${name}`, () => {
      assert.deepEqual(find(render(values), 'Service', NAME).spec, {
        selector: selectorOf('webhook'),
        ports: [{ name: 'https', port: 443, targetPort: 'https' }],
      });
    });
  }
});

suite('the Service of the metrics', () => {
  test('is not there without a ServiceMonitor', () => {
    assert.deepEqual(namesOf(render({ metrics: { prometheusRule: { enabled: true } } }), 'Service'), [NAME]);
  });

  test('is headless and selects the same pods', () => {
    assert.deepEqual(find(render({ ...METRICS, probePort: 9_000 }), 'Service', `${NAME}-metrics`).spec, {
      clusterIP: 'None',
      selector: selectorOf('webhook'),
      ports: [{ name: 'metrics', port: 9_000, targetPort: 'probe' }],
    });
  });

  test('is the only one that the ServiceMonitor selects', () => {
    const manifests = render(METRICS);
    const { selector } = Object(find(manifests, 'ServiceMonitor').spec);
    const selected = manifests.filter(
      ({ kind, metadata }) =>
        kind === 'Service' &&
        Object.entries(selector.matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
    );
    assert.deepEqual(namesOf(selected, 'Service'), [`${NAME}-metrics`]);
  });

  const NAMES: readonly Readonly<{ name: string; values: Values; expected: string }>[] = [
    { name: 'of the other objects', values: {}, expected: `${NAME}-metrics` },
    {
      name: 'that a Service may have, however long that of the others is',
      values: { fullnameOverride: 'a'.repeat(63) },
      expected: `${'a'.repeat(55)}-metrics`,
    },
    {
      name: 'without a dash at the cut',
      values: { fullnameOverride: `${'a'.repeat(54)}-b` },
      expected: `${'a'.repeat(54)}-metrics`,
    },
  ];
  for (const { name, values, expected } of NAMES) {
    test(`has a name ${name}, which the alerts ask for as the job`, () => {
      const manifests = render({ ...METRICS, ...values });
      assert.equal(find(manifests, 'Service', expected).metadata.name, expected);
      const jobs = JSON.stringify(find(manifests, 'PrometheusRule')).match(/job=\\"[^"]*\\"/g) ?? [];
      assert.deepEqual([...new Set(jobs)], [`job=\\"${expected}\\"`]);
    });
  }
});

function selectorOf(component: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': NAME,
    'app.kubernetes.io/instance': NAME,
    'app.kubernetes.io/component': component,
  };
}

function namesOf(manifests: readonly Manifest[], kind: string): readonly string[] {
  return manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
}

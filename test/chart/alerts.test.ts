// Every alert has what its reader needs, and fires when promtool evaluates it on series of the situation, not before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { createRegistry } from '../builders/registry.ts';
import { listFiring, runPromtool, type Series } from '../support/promtool.ts';
import { TLS_MODES } from './cases.ts';
import { find, render, type Values } from './helm.ts';

const RUNBOOK = join(import.meta.dirname, '../../docs/troubleshooting.md');
const METRICS = { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } };
const RELEASE = { namespace: 'eci-ram-role-system', job: 'eci-ram-role-webhook-metrics' };
const NOW = Date.parse('2026-11-25T10:00:00Z') / 1000;
const DAY = 86_400;

const ruleSpec = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          labels: z.record(z.string(), z.string()),
          annotations: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});

const specOf = (values: Values = {}) => find(render({ metrics: METRICS, ...values }), 'PrometheusRule').spec;
const alertsOf = (values?: Values) => ruleSpec.parse(specOf(values)).groups.flatMap(({ rules }) => rules);

/** A series of the release's first replica. */
function series(metric: string, labels: Readonly<Record<string, string>>, values: string): Series {
  const text = Object.entries({ ...RELEASE, pod: 'webhook-0', ...labels }).map(
    ([key, value]) => `${key}="${value}"`,
  );
  return { series: `eci_ram_role_webhook_${metric}{${text.join(',')}}`, values };
}

suite('every alert', () => {
  const headings = new Set(
    [...readFileSync(RUNBOOK, 'utf8').matchAll(/^#+ `(\w+)`$/gm)].map(([, heading = '']) =>
      heading.toLowerCase(),
    ),
  );

  for (const { alert, labels, annotations } of alertsOf()) {
    test(`names its release and its runbook: ${alert}`, () => {
      const { severity, ...release } = labels;
      assert.match(severity ?? '', /^(critical|warning|info)$/);
      assert.deepEqual(release, RELEASE);
      assert.match(annotations['summary'] ?? '', /^.{10,150}\.$/);
      assert.match(
        annotations['description'] ?? '',
        /^.{20,300}\. Release eci-ram-role-webhook in namespace eci-ram-role-system\.$/,
      );
      const [page, heading = ''] = annotations['runbook_url']?.split('#') ?? [];
      assert.equal(page, 'docs/troubleshooting.md');
      assert.ok(headings.has(heading), heading);
    });
  }

  test('has a heading, and no other alert has one', () => {
    assert.deepEqual(
      [...headings].toSorted(),
      alertsOf()
        .map(({ alert }) => alert.toLowerCase())
        .toSorted(),
    );
  });

  test('asks only for what the server of its values has', () => {
    const names = (values: Values) =>
      alertsOf(values).map(({ alert }) => alert.replace('EciRamRoleWebhook', ''));
    const inFiles = names({ source: 'file', tls: TLS_MODES['cert-manager'] });
    for (const name of [
      'Stale',
      'CrdOutdated',
      'InstallationChanged',
      'NotConfined',
      'CaBundleOverwritten',
    ]) {
      assert.ok(!inFiles.includes(name), name);
    }
    assert.ok(names({ source: 'file' }).includes('InstallationChanged'));
  });
});

type Case = Readonly<{
  alert: string;
  title: string;
  /** A sample each 15 s; more series than those of a healthy replica are not needed. */
  series: readonly Series[];
  at: string;
  /** The labels of the alerts that fire, beside those of the release. */
  fires: readonly Readonly<Record<string, string>>[];
  values?: Values;
}>;

const DENIED = { path: '/validate-pods', decision: 'deny', reason: 'not-allowed' };
const VALIDATING = { kind: 'ValidatingWebhookConfiguration', name: 'eci-ram-role-webhook' };

const CASES: readonly Case[] = [
  {
    alert: 'Down',
    title: 'while one of two replicas is ready',
    series: [series('ready', {}, '1x40'), series('ready', { pod: 'webhook-1' }, '0x40')],
    at: '10m',
    fires: [],
  },
  { alert: 'Down', title: 'without any replica', series: [], at: '3m', fires: [{ severity: 'critical' }] },
  {
    alert: 'Down',
    title: 'if all replicas run and none is ready',
    series: [series('ready', {}, '1x4 0x40'), series('ready', { pod: 'webhook-1' }, '0x44')],
    at: '4m',
    fires: [{ severity: 'critical' }],
  },
  {
    alert: 'NoPolicy',
    title: 'if a replica has read no allowlist',
    series: [
      ...['active', 'expired', 'invalid'].map((state) => series('allowlists', { state }, '0x40')),
      series('allowlists', { state: 'active', pod: 'webhook-1' }, '3x40'),
    ],
    at: '6m',
    fires: [{ severity: 'warning', pod: 'webhook-0' }],
  },
  {
    alert: 'NoPolicy',
    title: 'not if there is none and other namespaces only get warnings',
    values: { unlistedNamespaces: 'Warn' },
    series: [
      series('allowlists', { state: 'active' }, '0x40'),
      series('policy_last_change_timestamp_seconds', {}, `${NOW}x40`),
    ],
    at: '6m',
    fires: [],
  },
  {
    alert: 'NoPolicy',
    title: 'if a replica has read nothing, whatever happens in other namespaces',
    values: { unlistedNamespaces: 'Warn' },
    series: [series('policy_last_change_timestamp_seconds', {}, '0x40')],
    at: '6m',
    fires: [{ severity: 'warning', pod: 'webhook-0' }],
  },
  {
    alert: 'Stale',
    title: 'for the watch that fails, though the other one goes on',
    series: [
      series('watch_last_contact_timestamp_seconds', { watch: 'allowlists' }, `${NOW}x40`),
      series('watch_last_contact_timestamp_seconds', { watch: 'namespaces' }, `${NOW}+15x40`),
    ],
    at: '7m',
    fires: [{ severity: 'warning', pod: 'webhook-0', watch: 'allowlists' }],
  },
  {
    alert: 'InstallationChanged',
    title: 'for a registration that is missing, once for all replicas',
    series: ['webhook-0', 'webhook-1'].flatMap((pod) => [
      series('installation_object', { ...VALIDATING, state: 'ok', pod }, '1x4 0x40'),
      series('installation_object', { ...VALIDATING, state: 'missing', pod }, '0x4 1x40'),
      series('installation_object', { ...VALIDATING, state: 'changed', pod }, '0x44'),
    ]),
    at: '5m',
    fires: [{ severity: 'critical', ...VALIDATING, state: 'missing' }],
  },
  {
    alert: 'InstallationChanged',
    title: 'not for a minute after an upgrade',
    series: [series('installation_object', { ...VALIDATING, state: 'changed' }, '0x4 1x8 0x40')],
    at: '4m',
    fires: [],
  },
  {
    alert: 'NotConfined',
    title: 'if the identity may change its registration',
    series: [series('identity_unconfined', {}, '1x40')],
    at: '4m',
    fires: [{ severity: 'warning' }],
  },
  {
    alert: 'CaBundleOverwritten',
    title: 'if 13 wipes are put back by two replicas within 40 s',
    series: [
      series('ca_bundle_restores_total', {}, '0x4 3 6 7x20'),
      series('ca_bundle_restores_total', { pod: 'webhook-1' }, '0x4 2 5 6x20'),
    ],
    at: '3m',
    fires: [{ severity: 'critical' }],
  },
  {
    alert: 'CaBundleOverwritten',
    title: 'not if one is put back',
    series: [series('ca_bundle_restores_total', {}, '0x4 1x20')],
    at: '3m',
    fires: [],
  },
  ...(['Certificate', 'Policy'] as const).flatMap((what): readonly Case[] => [
    {
      alert: `${what}ReloadFails`,
      title: 'as long as the fault lasts',
      series: [series(`${what.toLowerCase()}_last_reload_successful`, {}, '1x4 0x160')],
      at: '40m',
      fires: [{ severity: 'warning', pod: 'webhook-0' }],
    },
    {
      alert: `${what}ReloadFails`,
      title: 'not once it is over',
      series: [series(`${what.toLowerCase()}_last_reload_successful`, {}, '0x40 1x4')],
      at: '11m',
      fires: [],
    },
  ]),
  {
    alert: 'Denials',
    title: 'for the first denial of one replica',
    series: [
      series('decisions_total', { ...DENIED, dry_run: 'false' }, '0x4 1x4'),
      series('decisions_total', { ...DENIED, dry_run: 'false', pod: 'webhook-1' }, '300x8'),
    ],
    at: '2m',
    fires: [{ severity: 'info', path: '/validate-pods', reason: 'not-allowed' }],
  },
  {
    alert: 'Denials',
    title: 'not for dry runs',
    series: [series('decisions_total', { ...DENIED, dry_run: 'true' }, '0x4 9x4')],
    at: '2m',
    fires: [],
  },
  {
    alert: 'AllowlistExpires',
    title: 'three days before, for the allowlist that expires',
    series: ['webhook-0', 'webhook-1'].flatMap((pod) => [
      series('allowlist_expiry_timestamp_seconds', { allowlist: 'soon', pod }, `${NOW + 3 * DAY - 60}x8`),
      series('allowlist_expiry_timestamp_seconds', { allowlist: 'later', pod }, `${NOW + 3 * DAY + 600}x8`),
    ]),
    at: '1m',
    fires: [{ severity: 'info', allowlist: 'soon' }],
  },
];

suite('an alert fires', () => {
  for (const { alert, title, series, at, fires, values } of CASES) {
    test(`${alert}: ${title}`, () => {
      const alertname = `EciRamRoleWebhook${alert}`;
      const firing = listFiring(
        { rules: specOf(values), series, interval: '15s', startsAt: NOW },
        alertname,
        at,
      );
      assert.deepEqual(
        firing,
        fires.map((labels) => ({ alertname, ...RELEASE, ...labels })),
      );
    });
  }
});

test('promtool finds no fault in the metrics', async () => {
  const { status, stdout, stderr } = runPromtool(['check', 'metrics'], await createRegistry().metrics());
  assert.equal(status, 0, `${stdout}${stderr}`);
});

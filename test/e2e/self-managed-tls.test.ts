import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { parseCertificates } from '../../src/tls/self-managed/state.ts';
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts';
import { waitFor } from './harness/wait-for.ts';
import { call, startCaller } from './self-managed-tls/caller.ts';
import { type Replica, startReplica, startService } from './self-managed-tls/replica.ts';
import { createSite, type Site } from './self-managed-tls/site.ts';

const TIMINGS = { pollIntervalMs: 400, publicationLeadMs: 4_000 };
/** How late a caller learns of a published bundle: less than the lead, or the lead would be of no use. */
const LAG_MS = 2_000;

let controlPlane: ControlPlane;
before(async () => {
  controlPlane = await startControlPlane();
});
after(async () => {
  await controlPlane?.stop();
});

suite('three replicas on one Secret', { concurrency: false }, () => {
  let site: Site;
  let replicas: Replica[];
  let service: Server;

  before(async () => {
    site = await createSite(controlPlane, 'agreeing');
    replicas = await Promise.all([1, 2, 3].map(() => startReplica(controlPlane, site, TIMINGS)));
    service = await startService(site, replicas);
  });
  after(() => {
    service?.close();
    for (const { stop } of replicas ?? []) {
      stop();
    }
  });

  const latest = () => new Set(replicas.map(({ served }) => served.at(-1)));
  const told = (text: string) =>
    replicas.every((replica) => replica.told.some((line) => line.includes(text)));

  async function assertTrusted(): Promise<void> {
    for (const bundle of await site.readBundles()) {
      for (const { port } of replicas) {
        assert.equal(await call(port, bundle, site.serverName), undefined);
      }
    }
  }

  /** Does something to the Secret while callers call, until all replicas serve the same other leaf. */
  async function survive(mishap: () => Promise<void>): Promise<void> {
    const caller = startCaller(site, replicas, LAG_MS);
    const [former] = latest();
    await mishap();
    await waitFor('another leaf, everywhere', () => latest().size === 1 && !latest().has(former));
    await delay(LAG_MS);
    await waitFor('calls and reviews', () => caller.calls().count > 10 && caller.calls().reviews > 10);
    assert.deepEqual((await caller.stop()).failures, []);
    await assertTrusted();
  }

  test('that start at once agree on one CA and one leaf, which every webhook trusts', async () => {
    const secret = await site.readSecret();
    assert.deepEqual(latest(), new Set([secret['tls.crt']]));
    assert.deepEqual(await site.readBundles(), [secret['ca.crt'], secret['ca.crt'], secret['ca.crt']]);
    const leaf = new X509Certificate(secret['tls.crt'] ?? '');
    assert.equal(leaf.subjectAltName, `DNS:${site.serverName}`);
    await assertTrusted();
  });

  test('are called by the API server', () => site.createReviewedObject());

  for (const [what, nameStart, caBundle] of [
    ['wiped on one webhook', 'bind', undefined],
    ['wiped on all webhooks', '', undefined],
    ['replaced by another', 'mutate', 'other'],
  ] as const) {
    test(`put a caBundle back that was ${what}`, async () => {
      const expected = await site.readBundles();
      const restored = () => replicas.reduce((sum, { restores }) => sum + restores(), 0);
      const former = restored();
      const other = controlPlane.authority.certificate;
      await site.writeBundles(nameStart, caBundle && other);
      await waitFor('the bundles', async () => (await site.readBundles()).join() === expected.join());
      await waitFor('the count', () => restored() > former);
      await waitFor('a review', () => site.createReviewedObject().then(() => true));
    });
  }

  test('let an upgrade take a webhook away and bring it back, and keep the bundle of the other', async () => {
    const [bundle = ''] = await site.readBundles();
    await site.upgradeValidating(['validate']);
    assert.deepEqual(await site.readBundles(), [bundle, bundle]);
    await site.upgradeValidating(['validate', 'bind']);
    await waitFor(
      'the bundle',
      async () => (await site.readBundles()).join() === [bundle, bundle, bundle].join(),
    );
  });

  test('issue a leaf anew when the one of the Secret is lost', () =>
    survive(() => site.changeSecret({ 'tls.crt': null, 'tls.key': null })));

  test('issue a leaf anew when its key is another', () =>
    survive(async () => site.changeSecret({ 'tls.key': (await site.readSecret())['ca.key'] ?? '' })));

  test('rotate the CA when its key is lost', () => survive(() => site.changeSecret({ 'ca.key': null })));

  test('start over when the CA is garbage, and lose no call', () =>
    survive(() => site.changeSecret({ 'ca.crt': 'garbage' })));

  test('start over when the Secret is emptied, and lose no call', () =>
    survive(async () => {
      const keys = Object.keys(await site.readSecret());
      await site.changeSecret(Object.fromEntries(keys.map((key) => [key, null])));
    }));

  test('say that the Secret is missing, serve on, and start over when it is there again', () =>
    survive(async () => {
      await site.deleteSecret();
      await waitFor('the problem', () =>
        told(`problem: Secret agreeing/hook-tls is missing: run "helm upgrade"`),
      );
      await assertTrusted();
      await site.createSecret();
      await waitFor('the end', () => told('serving certificate recovered'));
    }));

  test('say what they are refused, and recover', async () => {
    await site.refuse('configurations');
    await waitFor('the problem', () =>
      told('MutatingWebhookConfiguration agreeing cannot be read: mutatingwebhookconfigurations'),
    );
    assert.ok(told('is forbidden: User "system:serviceaccount:agreeing:hook" cannot get resource'));
    await assertTrusted();
    await site.permit('configurations');
    await site.refuse('secrets');
    await waitFor('the problem', () =>
      told('problem: Secret agreeing/hook-tls cannot be read: secrets "hook-tls"'),
    );
    await site.permit('secrets');
    await survive(() => site.changeSecret({ 'tls.crt': null }));
  });
});

test('a replica that starts while it is refused says why, and is there once it is not', async (t) => {
  const site = await createSite(controlPlane, 'refused');
  await site.refuse('configurations');
  const told: string[] = [];
  const starting = startReplica(controlPlane, site, TIMINGS, told);
  t.after(async () => {
    await site.permit('configurations').catch(() => undefined);
    (await starting).stop();
  });
  await waitFor('the reason', () => told.some((line) => line.includes('cannot get resource')));
  assert.match(
    told[0] ?? '',
    /^cannot maintain the serving certificate, retrying: MutatingWebhookConfiguration/,
  );
  assert.deepEqual(await site.readSecret(), {});
  await site.permit('configurations');
  await starting;
  assert.equal(new Set(await site.readBundles()).size, 1);
});

test('a replica that starts while the API server is away is there once it is back', async (t) => {
  const site = await createSite(controlPlane, 'away');
  await controlPlane.stopApiServer();
  const told: string[] = [];
  const starting = startReplica(controlPlane, site, TIMINGS, told);
  t.after(async () => (await starting).stop());
  await waitFor('the reason', () => told.some((line) => line.includes('ECONNREFUSED')));
  await controlPlane.startApiServer();
  await starting;
});

test('leaves and CAs rotate, across a restart of the API server, and no call fails', async (t) => {
  const site = await createSite(controlPlane, 'rotating');
  const timings = { ...TIMINGS, leafLifetimeMs: 24_000, authorityLifetimeMs: 60_000 };
  const replicas = await Promise.all([1, 2, 3].map(() => startReplica(controlPlane, site, timings)));
  const service = await startService(site, replicas);
  const caller = startCaller(site, replicas, LAG_MS);
  t.after(async () => {
    await caller.stop();
    service.close();
    for (const { stop } of replicas) {
      stop();
    }
  });
  const authorities = new Set<string>();
  let largest = 0;

  const observe = async (): Promise<boolean> => {
    const secret = await site.readSecret();
    authorities.add(secret['ca.crt'] ?? '');
    const [bundle = ''] = await site.readBundles();
    largest = Math.max(largest, parseCertificates(bundle).length);
    return authorities.size === 3;
  };
  await waitFor('a rotated leaf', () => replicas.every(({ served }) => served.length === 2), {
    timeoutMs: 60_000,
  });
  await controlPlane.restartApiServer();
  await waitFor('a third CA', observe, { timeoutMs: 180_000, intervalMs: 200 });
  await waitFor('its leaf', async () => {
    const { 'tls.crt': leaf } = await site.readSecret();
    return replicas.every(({ served }) => served.at(-1) === leaf);
  });
  await delay(LAG_MS + 1_000);
  await waitFor('calls and reviews', () => caller.calls().count > 500 && caller.calls().reviews > 200, {
    timeoutMs: 120_000,
  });

  const { count, reviews, failures } = await caller.stop();
  assert.deepEqual(failures, []);
  console.log(
    `${count} calls and ${reviews} reviews without a failure, over ${authorities.size} CAs and ` +
      `${replicas.map(({ served }) => served.length).join(', ')} leaves; at most ${largest} CAs in a bundle`,
  );
  assert.ok(largest >= 2 && largest <= 3);
});

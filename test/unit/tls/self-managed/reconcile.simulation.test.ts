import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCaBundlePublisher } from '../../../../src/kubernetes/ca-bundle.ts';
import { createSecretStore } from '../../../../src/kubernetes/secret-store.ts';
import * as issuer from '../../../../src/tls/issue.ts';
import { reconcileCertificates } from '../../../../src/tls/self-managed/reconcile.ts';
import { parseCertificates } from '../../../../src/tls/self-managed/state.ts';
import { isLeafOf, type Served } from '../../../../src/tls/self-managed/trust.ts';
import { makeAuthority, SERVER_NAME } from '../../../support/authorities.ts';
import { createFakeCluster, type FakeCluster } from '../../../support/fake-cluster.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LEAF_LIFE = 6 * DAY;
const CA_LIFE = 24 * DAY;
const LEAD = HOUR;
const foreign = await makeAuthority(Date.UTC(2030, 0, 1), 1000 * DAY);

/** What befalls the objects; none of it may have a caller that trusts the published bundle meet a leaf it does not know. */
const MISHAPS: Record<string, (cluster: FakeCluster) => void> = {
  'the Secret is emptied': ({ writeSecret }) => writeSecret({}),
  'ca.key is lost': (cluster) => changeSecret(cluster, { 'ca.key': '' }),
  'ca.crt is garbage': (cluster) => changeSecret(cluster, { 'ca.crt': 'garbage' }),
  'ca.crt is foreign': (cluster) => changeSecret(cluster, { 'ca.crt': foreign.certificate.toString() }),
  'tls.crt is lost': (cluster) => changeSecret(cluster, { 'tls.crt': '' }),
  'tls.key is garbage': (cluster) => changeSecret(cluster, { 'tls.key': 'garbage' }),
  'next-ca.crt is garbage': (cluster) => changeSecret(cluster, { 'next-ca.crt': 'garbage' }),
  'next-ca.published-at is garbage': (cluster) =>
    changeSecret(cluster, { 'next-ca.published-at': 'garbage' }),
  'previous-ca.until is garbage': (cluster) => changeSecret(cluster, { 'previous-ca.until': 'garbage' }),
};

function changeSecret({ readSecret, writeSecret }: FakeCluster, data: Record<string, string>): void {
  writeSecret({ ...readSecret(), ...data });
}

type Step = { order: number[]; passMs: number; mishap: string | undefined; restarted: number | undefined };

const stepArbitrary = fc.record({
  order: fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6, maxLength: 6 }),
  passMs: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 10_000 }), weight: 6 },
    { arbitrary: fc.integer({ min: 1, max: 30 * MINUTE }), weight: 3 },
    { arbitrary: fc.integer({ min: 1, max: 12 * HOUR }), weight: 1 },
  ),
  mishap: fc.option(fc.constantFrom(...Object.keys(MISHAPS)), { freq: 3, nil: undefined }),
  restarted: fc.option(fc.nat(2), { freq: 3, nil: undefined }),
});

function createReplicas(cluster: FakeCluster, now: () => number) {
  return Array.from({ length: 3 }, () => {
    let serving: Served | undefined;
    const publisher = createCaBundlePublisher(cluster.client, 'hook', {
      logger: { info: () => undefined, warn: () => undefined },
      countBundleRestore: () => undefined,
    });
    return {
      serving: () => serving,
      restart: () => {
        serving = undefined;
      },
      step: async (): Promise<boolean> => {
        const outcome = await reconcileCertificates(
          {
            store: createSecretStore(cluster.client, { namespace: 'hooks', secretName: 'tls' }),
            publisher,
            loadIssuer: async () => issuer,
            serverName: SERVER_NAME,
            authorityLifetimeMs: CA_LIFE,
            leafLifetimeMs: LEAF_LIFE,
            publicationLeadMs: LEAD,
            now,
            onChange: () => undefined,
          },
          serving,
        );
        assert.equal(outcome.problem, undefined);
        serving = outcome.serve ?? serving;
        return outcome.requeue || outcome.serve !== undefined;
      },
    };
  });
}

/** Whether a caller that trusts these bundles accepts what a replica serves. */
function isAccepted({ leaf }: Served, bundles: readonly string[], now: number): boolean {
  return bundles.every((bundle) =>
    parseCertificates(bundle).some((certificate) =>
      isLeafOf(leaf, { certificate }, { serverName: SERVER_NAME, now }),
    ),
  );
}

test('whatever befalls the Secret, callers accept what every replica serves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: 20 }), async (steps: Step[]) => {
      const cluster = createFakeCluster();
      let time = Date.UTC(2030, 0, 2);
      const replicas = createReplicas(cluster, () => time);
      const settle = async () => {
        let isBusy = true;
        while (isBusy) {
          isBusy = false;
          for (const replica of replicas) {
            isBusy = (await replica.step()) || isBusy;
          }
        }
      };
      await settle();

      for (const { order, passMs, mishap, restarted } of steps) {
        time += passMs;
        await settle();
        replicas[restarted ?? -1]?.restart();
        MISHAPS[mishap ?? '']?.(cluster);
        for (const index of order) {
          await replicas[index]?.step();
          for (const serving of replicas.flatMap((replica) => replica.serving() ?? [])) {
            assert.ok(
              isAccepted(serving, cluster.readBundles(), time),
              `a leaf is served that is not trusted, after ${mishap ?? 'no mishap'}`,
            );
          }
        }
      }

      await settle();
      time += 2 * LEAD;
      await settle();
      const leaves = replicas.map((one) => one.serving()?.leaf.certificate.fingerprint256);
      const stored = new X509Certificate(cluster.readSecret()?.['tls.crt'] ?? '').fingerprint256;
      assert.deepEqual(leaves, [stored, stored, stored], 'all replicas agree again');
    }),
    { numRuns: 15 },
  );
});

test('over many rotations, callers that learn of a bundle late accept every leaf', async () => {
  const cluster = createFakeCluster();
  let time = Date.UTC(2030, 0, 2);
  const replicas = createReplicas(cluster, () => time);
  const authorities = new Set<string>();
  const leaves = new Set<string>();
  const known: string[][] = [];
  const lag = 3;

  for (let round = 0; round < 400; round += 1) {
    for (const replica of replicas) {
      while (await replica.step()) {
        // Until it has nothing more to do.
      }
    }
    known.push(cluster.readBundles());
    const late = known[Math.max(0, known.length - 1 - lag)] ?? [];
    for (const serving of replicas.map((replica) => replica.serving())) {
      assert.ok(serving !== undefined && isAccepted(serving, late, time), `round ${round}`);
      authorities.add(serving.authority.fingerprint256);
      leaves.add(serving.leaf.certificate.fingerprint256);
    }
    assert.ok(parseCertificates(cluster.readBundles()[0] ?? '').length <= 3);
    time += 15 * MINUTE * (round % 4 === 0 ? 320 : 1);
  }
  assert.ok(authorities.size >= 8, `${authorities.size} authorities`);
  assert.ok(leaves.size >= 20, `${leaves.size} leaves`);
});

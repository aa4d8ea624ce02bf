// Pods that arrive before the events of what was written before them, decided by the routes of the server.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Decision } from '../../../../src/admission/decision.ts';
import { parseReview } from '../../../../src/admission/review.ts';
import { createLoggerTo } from '../../../../src/observability/logger.ts';
import { createPolicy } from '../../../../src/policy/policy.ts';
import { createRoutes, type Path } from '../../../../src/routes.ts';
import { startClusterSource } from '../../../../src/sources/cluster/source.ts';
import type { AllowlistSource, SourceChanges } from '../../../../src/sources/source.ts';
import { noCaller } from '../../../builders/caller.ts';
import { podReview } from '../../../builders/pod-review.ts';
import { requestOf, templateOf, workloadOf } from '../../../builders/workload.ts';
import { until } from '../../../support/until.ts';
import { createWatchedCluster, type WatchedCluster } from '../../../support/watched-cluster.ts';

const ECI = { 'alibabacloud.com/eci': 'true' };
const SPEC = { namespaces: ['payments', 'fresh'], roles: ['reader'] };
const WITH_DEFAULT = { ...SPEC, defaultRole: 'reader' };
/** Longer than the server's, so that a busy machine does not end a wait. */
const WAIT_MS = 1_000;
/** Less than a wait, and more than anything else takes. */
const AT_ONCE_MS = 800;

type Decided = Readonly<{ decision: Decision; ms: number }>;

suite('a cluster that is just being written to', () => {
  let cluster: WatchedCluster;
  let source: AllowlistSource;
  let routes: ReturnType<typeof createRoutes>;

  beforeEach(async () => {
    cluster = createWatchedCluster(['payments']);
    const ignore = () => undefined;
    source = startClusterSource({
      client: cluster.client,
      observer: {
        ...{
          recordContact: ignore,
          countRestart: ignore,
          recordSynced: ignore,
          recordCrdOutdated: ignore,
          recordHeld: ignore,
        },
      },
      logger: pino({ level: 'silent' }),
      bounds: { maxEntries: 10_000, delegations: [] },
      waitMs: WAIT_MS,
    });
    const { policy, apply } = createPolicy({
      ...{ unlistedNamespaces: 'Deny', protectedRoles: ['Protected'], eciDetection: 'markers' },
    });
    const use = (changes: SourceChanges) => apply(changes);
    use(await source.first);
    source.watch(use);
    routes = createRoutes(
      { ...source, getPolicy: () => policy, now: Date.now },
      {
        ...{ workloadsAction: 'Deny', injectorsAction: 'Deny' },
        ...{ excludedNamespaces: [], unmutatedNamespaces: [], ownMetadataKinds: [] },
      },
    );
    await until('the watches', () => cluster.watches() === 2);
    // The first decision takes long, because its code is loaded.
    await mutate('Protected');
  });

  afterEach(() => source.close());

  async function decide(path: Path, request: ReturnType<typeof parseReview>): Promise<Decided> {
    const startedAt = process.hrtime.bigint();
    const decision = await routes[path](request, noCaller);
    return { decision, ms: Number(process.hrtime.bigint() - startedAt) / 1e6 };
  }

  /** A pod at `/mutate-pods`; for ECI unless it is said otherwise. */
  function mutate(role: string | undefined, { namespace = 'payments', labels = ECI as object } = {}) {
    const annotations = role === undefined ? {} : { 'k8s.aliyun.com/eci-ram-role-name': role };
    return decide(
      '/mutate-pods',
      parseReview(podReview({ namespace, metadata: { name: 'pod', labels, annotations } })),
    );
  }

  const untilKnown = (namespace: string) =>
    until(`namespace ${namespace}`, () => source.getNamespaces()?.has(namespace) === true);

  const isAtOnce = ({ ms }: Decided) => ms < AT_ONCE_MS;

  /** The time counts only if it is given: an event may take long on a busy machine. */
  async function assertDecided(decided: Promise<Decided>, outcome: string, when?: 'early' | 'late') {
    const { decision, ms } = await decided;
    assert.equal(decision.outcome, outcome);
    const was = ms < AT_ONCE_MS ? 'early' : 'late';
    assert.equal(was, when ?? was);
  }

  for (const path of ['/mutate-pods', '/validate-pods'] as const) {
    test(`${path} waits with a denial for an allowlist that allows the role`, async () => {
      const decided = decide(path, parseReview(podReview({ role: 'reader' })));
      await sleep(20);
      cluster.sendAllowlist('other', { namespaces: ['payments'], roles: ['writer'] });
      await sleep(20);
      cluster.sendAllowlist('list', SPEC);
      await assertDecided(decided, 'allow');
    });
  }

  test('waits with a denial for the change of an allowlist', async () => {
    cluster.sendAllowlist('list', { ...SPEC, roles: [] });
    await until('the allowlist', async () => (await mutate('reader')).decision.reason === 'not-allowed');
    const decided = mutate('reader');
    await sleep(20);
    cluster.sendAllowlist('list', SPEC, 'MODIFIED');
    await assertDecided(decided, 'allow');
  });

  test('waits before a role is stripped', async () => {
    cluster.sendAllowlist('list', { ...SPEC, roles: [], violationAction: 'Strip' });
    await until('the allowlist', async () => (await mutate('reader')).decision.outcome === 'strip');
    const decided = mutate('reader');
    await sleep(20);
    cluster.sendAllowlist('list', SPEC, 'MODIFIED');
    await assertDecided(decided, 'allow');
  });

  test('denies after its wait if no such allowlist comes', async () => {
    await assertDecided(mutate('reader'), 'deny', 'late');
  });

  test('waits for a namespace that does not come once, not for an allowlist as well', async () => {
    const { decision, ms } = await mutate(undefined, { namespace: 'nowhere' });
    assert.equal(decision.outcome, 'allow');
    assert.ok(ms < 2 * WAIT_MS - 100, `${ms} ms`);
  });

  test('denies at once a role that no allowlist could allow', async () => {
    await assertDecided(mutate('Protected'), 'deny', 'early');
    await assertDecided(mutate('no role!'), 'deny', 'early');
  });

  test('waits with the denial of a workload', async () => {
    const request = requestOf('Deployment', workloadOf('Deployment', templateOf('reader', { labels: ECI })));
    const decided = decide('/validate-workloads', request);
    await sleep(20);
    cluster.sendAllowlist('list', SPEC);
    const { decision } = await decided;
    assert.deepEqual([decision.outcome, decision.warnings], ['allow', []]);
  });

  test('admits a pod without a role at once in a quiet cluster', async () => {
    await assertDecided(mutate(undefined), 'allow', 'early');
  });

  test('uses events that have arrived before a pod without a role, though they were not read yet', async () => {
    cluster.sendAllowlist('list', WITH_DEFAULT);
    await assertDecided(mutate(undefined), 'inject');
  });

  test('waits in a new namespace for an allowlist with a default', async () => {
    const decided = mutate(undefined, { namespace: 'fresh' });
    await sleep(20);
    cluster.sendNamespace('fresh');
    await sleep(20);
    cluster.sendAllowlist('list', WITH_DEFAULT);
    await assertDecided(decided, 'inject');
  });

  test('waits for a default in a new namespace for ten seconds, however the clock is set', async (t) => {
    cluster.sendNamespace('fresh');
    await untilKnown('fresh');
    await assertDecided(mutate(undefined, { namespace: 'fresh' }), 'allow', 'late');
    t.mock.method(Date, 'now', () => 0);
    await assertDecided(mutate(undefined, { namespace: 'fresh' }), 'allow', 'late');
    const now = performance.now();
    t.mock.method(performance, 'now', () => now + 10_000);
    await assertDecided(mutate(undefined, { namespace: 'fresh' }), 'allow', 'early');
    cluster.sendNamespace('newer');
    await untilKnown('newer');
    await assertDecided(mutate(undefined, { namespace: 'newer' }), 'allow', 'late');
  });

  test('waits for a default while allowlists change', async () => {
    cluster.sendAllowlist('other', { namespaces: ['web'], roles: [] });
    await until('the change', async () => !isAtOnce(await mutate(undefined)));
    const decided = mutate(undefined);
    await sleep(20);
    cluster.sendAllowlist('list', WITH_DEFAULT);
    await assertDecided(decided, 'inject');
  });

  test('waits with a pod without a marker only if an allowlist injects into all pods', async () => {
    const unmarked = () => mutate(undefined, { labels: {} });
    cluster.sendAllowlist('other', { namespaces: ['web'], roles: [] });
    await until('the change', async () => !isAtOnce(await mutate(undefined)));
    await assertDecided(unmarked(), 'allow', 'early');
    cluster.sendAllowlist('all', { ...WITH_DEFAULT, namespaces: ['web'], injectInto: 'AllPods' });
    await until('the allowlist', async () => !isAtOnce(await unmarked()));
    const decided = unmarked();
    await sleep(20);
    cluster.sendAllowlist('list', { ...WITH_DEFAULT, injectInto: 'AllPods' });
    await assertDecided(decided, 'inject');
  });

  test('never waits with a mirror pod', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    const request = parseReview(podReview({ namespace: 'fresh', metadata: { labels: ECI, annotations } }));
    cluster.sendNamespace('fresh');
    await untilKnown('fresh');
    await assertDecided(decide('/mutate-pods', request), 'allow', 'early');
  });

  test('makes 16 requests of a namespace wait, and decides the others at once', async () => {
    const decided = await Promise.all(Array.from({ length: 40 }, () => mutate('reader')));
    assert.equal(decided.filter((one) => !isAtOnce(one)).length, 16);
    assert.ok(decided.every(({ decision }) => decision.outcome === 'deny'));
  });

  test('decides by what is known while the API server is away', async () => {
    cluster.goAway();
    await until('the loss', async () => isAtOnce(await mutate('reader')));
    await assertDecided(mutate('reader'), 'deny', 'early');
    await assertDecided(mutate('reader', { namespace: 'unknown' }), 'deny', 'early');
    await assertDecided(mutate(undefined, { namespace: 'unknown' }), 'allow', 'early');
  });
});

test('allowlists that are deleted with their CRD stay in force, and are reported', async (t) => {
  let crd: object = { uid: 'one' };
  const cluster = createWatchedCluster(['payments'], async () => ({ metadata: crd }));
  const log: string[] = [];
  const counts: number[] = [];
  const ignore = () => undefined;
  const source = startClusterSource({
    client: cluster.client,
    observer: {
      ...{ recordContact: ignore, countRestart: ignore, recordSynced: ignore, recordCrdOutdated: ignore },
      recordHeld: (count) => counts.push(count),
    },
    logger: createLoggerTo({ write: (line) => log.push(line) }, 'info'),
    bounds: { maxEntries: 10_000, delegations: [] },
  });
  t.after(source.close);
  const { policy, apply } = createPolicy({
    ...{ unlistedNamespaces: 'Deny', protectedRoles: [], eciDetection: 'markers' },
  });
  apply(await source.first);
  source.watch(apply);
  await until('the watches', () => cluster.watches() === 2);
  for (const name of ['a', 'b', 'c']) {
    cluster.sendAllowlist(name, SPEC);
  }
  await until('the allowlists', () => policy.allowlists.size === 3);

  cluster.sendAllowlist('c', SPEC, 'DELETED');
  await until('the deletion', () => policy.allowlists.size === 2);
  assert.deepEqual(counts, []);

  crd = { uid: 'one', deletionTimestamp: '2026-11-29T00:00:00Z' };
  cluster.sendAllowlist('a', SPEC, 'DELETED');
  cluster.sendAllowlist('b', SPEC, 'DELETED');
  await until('the hold', () => counts.at(-1) === 2);
  const note = () => source.notes().find((text) => text.startsWith('allowlists held'));
  assert.equal(
    note(),
    'allowlists held in force because their CustomResourceDefinition was deleted: 2; restore it and them, and do not restart a replica before',
  );
  cluster.sendAllowlist('a', { ...SPEC, roles: ['writer'] });
  await until('the restored allowlist', () => policy.allowlists.get('a')?.roles.includes('writer'));
  assert.deepEqual([...policy.allowlists.keys()].sort(), ['a', 'b']);
  assert.deepEqual(counts, [2, 1]);

  crd = { uid: 'two', annotations: { 'eci-ram-role.io/discard-held-allowlists': 'true' } };
  await until('the end', () => counts.at(-1) === 0);
  assert.deepEqual([[...policy.allowlists.keys()], note()], [['a'], undefined]);
  assert.deepEqual(
    log
      .map((line) => JSON.parse(line))
      .flatMap(({ level, msg, allowlists }) => (allowlists ? [[level, msg, allowlists]] : [])),
    [
      ['error', 'allowlists held in force: their CustomResourceDefinition was deleted', ['a', 'b']],
      ['warn', 'held allowlists discarded', ['b']],
    ],
  );
});

test('a replica that starts while the CRD is being deleted is not ready until it is back', async (t) => {
  let crd: object = { uid: 'one', deletionTimestamp: '2026-11-29T00:00:00Z' };
  const cluster = createWatchedCluster(['payments'], async () => ({ metadata: crd }));
  const ignore = () => undefined;
  const source = startClusterSource({
    client: cluster.client,
    observer: {
      ...{ recordContact: ignore, countRestart: ignore, recordSynced: ignore, recordCrdOutdated: ignore },
      recordHeld: ignore,
    },
    logger: pino({ level: 'silent' }),
    bounds: { maxEntries: 10_000, delegations: [] },
  });
  t.after(source.close);
  let isReady = false;
  const first = source.first.then(() => {
    isReady = true;
  });
  await until('the watches', () => cluster.watches() === 2);
  await sleep(50);
  assert.equal(isReady, false);
  crd = { uid: 'two' };
  await first;
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { pino } from 'pino';
import { createApiClient } from '../../src/kubernetes/client.ts';
import { readConnection } from '../../src/kubernetes/connection.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { startClusterSource } from '../../src/sources/cluster/source.ts';
import type { AllowlistSource, SourceChanges } from '../../src/sources/source.ts';
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts';
import { type FaultyProxy, startFaultyProxy } from './harness/faulty-proxy.ts';
import { formatKubeconfig } from './harness/kubeconfig.ts';
import { waitFor } from './harness/wait-for.ts';
import { WATCH_ANSWERS } from './scenarios/support/watch-answers.ts';

const CRD = join(import.meta.dirname, '../../charts/eci-ram-role-webhook/crds/ramroleallowlists.yaml');
const SETTINGS = {
  unlistedNamespaces: 'Deny',
  protectedRoles: ['Protected-*'],
  eciDetection: 'markers',
} as const;
/** Bookmarks come every minute; a test cannot wait that long to find a connection dead. */
const IDLE_TIMEOUT_MS = 3_000;

suite('the cluster as a source', () => {
  let controlPlane: ControlPlane;
  let proxy: FaultyProxy;
  let source: AllowlistSource;
  const { policy, apply } = createPolicy(SETTINGS);
  const invalid = new Set<string>();
  const restarts: string[] = [];
  let created = 0;

  before(async () => {
    controlPlane = await startControlPlane();
    await kubectl(['apply', '-f', CRD]);
    await kubectl([
      'wait',
      '--for=condition=Established',
      'crd/ramroleallowlists.eci-ram-role.io',
      '--timeout=30s',
    ]);
    proxy = await startFaultyProxy(controlPlane);
    const kubeconfig = join(controlPlane.directory, 'proxied.kubeconfig');
    writeFileSync(
      kubeconfig,
      formatKubeconfig({
        serverUrl: proxy.url,
        caCertificate: controlPlane.authority.certificate,
        users: controlPlane.users,
        currentContext: 'admin',
      }),
    );

    await createAllowlist('first', { namespaces: ['payments'], roles: ['reader'] });
    source = startClusterSource({
      client: createApiClient(await readConnection(kubeconfig)),
      observer: {
        recordContact: () => undefined,
        countRestart: (_, reason) => restarts.push(reason),
        recordSynced: () => undefined,
        recordCrdOutdated: () => undefined,
        recordHeld: () => undefined,
      },
      logger: pino({ level: 'silent' }),
      bounds: { maxEntries: 10_000, delegations: [] },
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    });
    const use = (changes: SourceChanges) => {
      apply(changes);
      for (const name of changes.denied.keys()) {
        invalid.add(name);
      }
      source.report(policy);
    };
    use(await source.first);
    source.watch(use);
  });

  after(async () => {
    source?.close();
    await proxy?.stop();
    await controlPlane?.stop();
  });

  afterEach(() => {
    proxy.resume();
    restarts.length = 0;
  });

  async function kubectl(args: readonly string[], object?: unknown): Promise<string> {
    const input = object === undefined ? {} : { input: JSON.stringify(object) };
    const { code, stdout, stderr } = await controlPlane.kubectl(args, input);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  function createAllowlist(name: string, spec: object) {
    return kubectl(['create', '-f', '-'], {
      apiVersion: 'eci-ram-role.io/v1alpha1',
      kind: 'RamRoleAllowlist',
      metadata: { name },
      spec,
    });
  }

  const names = () => [...policy.allowlists.keys()].sort();

  async function keepsUp(): Promise<void> {
    const name = `list-${created++}`;
    await createAllowlist(name, { namespaces: [name], roles: ['reader'] });
    await waitFor(`the list ${name}`, () => names().includes(name));
    await kubectl(['delete', 'rral', name]);
    await waitFor(`the list ${name} to go`, () => !names().includes(name));
  }

  async function conditionOf(name: string) {
    const { status } = JSON.parse(await kubectl(['get', 'rral', name, '-o', 'json']));
    return status?.conditions?.[0];
  }

  test('begins with the lists that exist', () => {
    assert.deepEqual(names(), ['first']);
  });

  test('tells of a list that is created, changed and deleted', async () => {
    await createAllowlist('changing', { namespaces: ['web'], roles: ['one'] });
    await waitFor('the list', () => names().includes('changing'));
    await kubectl(['patch', 'rral', 'changing', '--type=merge', '-p', '{"spec":{"roles":["two"]}}']);
    await waitFor('the change', () => policy.allowlists.get('changing')?.roles.includes('two'));
    await kubectl(['delete', 'rral', 'changing']);
    await waitFor('its end', () => !names().includes('changing'));
  });

  test('waits for a namespace that is created, and gives up on one that is not', async () => {
    const waiting = source.getNamespaceLabels('soon');
    await kubectl(['create', '-f', '-'], {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'soon', labels: { team: 'payments' } },
    });
    await waiting;
    const labels = await waitFor('the namespace', () => source.getNamespaceLabels('soon'));
    assert.equal(labels.get('team'), 'payments');
    assert.equal(await source.getNamespaceLabels('never'), undefined);
  });

  test('writes Accepted into the status of a good list', async () => {
    const condition = await waitFor('the condition', () => conditionOf('first'));
    assert.deepEqual(
      [condition.type, condition.status, condition.reason, condition.observedGeneration],
      ['Ready', 'True', 'Accepted', 1],
    );
  });

  test('writes Conflict into the status of lists whose defaults contradict each other', async () => {
    await kubectl(['create', 'namespace', 'contested']);
    for (const name of ['one', 'two']) {
      await createAllowlist(name, { namespaces: ['contested'], roles: ['*'], defaultRole: name });
    }
    // If the status of the first list is written before there is a second one, the next write comes 30 s later.
    const condition = await waitFor(
      'the conflict',
      async () => {
        const found = await conditionOf('one');
        return found?.reason === 'Conflict' && found;
      },
      { timeoutMs: 60_000 },
    );
    assert.match(condition.message, /^conflicts with allowlist two: .* for namespace contested/);
    await kubectl(['delete', 'rral', 'one', 'two']);
  });

  test('reports a list with a protected default as Invalid', async () => {
    await createAllowlist('daring', { namespaces: ['x'], roles: ['*'], defaultRole: 'Protected-1' });
    const condition = await waitFor('the condition', () => conditionOf('daring'));
    assert.deepEqual([condition.status, condition.reason], ['False', 'Invalid']);
    await kubectl(['delete', 'rral', 'daring']);
  });

  test('salvages a list that our schema does not accept, and says so in its status', async () => {
    await createAllowlist('odd', {
      namespaces: ['odd'],
      roles: ['*'],
      serviceAccounts: null,
      violationAction: 'Audit',
    });
    await waitFor('the list', () => invalid.has('odd'));
    const odd = policy.allowlists.get('odd');
    assert.deepEqual([odd?.spec.roles, odd?.spec.violationAction], [[], 'Deny']);
    const condition = await waitFor('the condition', () => conditionOf('odd'));
    assert.match(condition.message, /spec\.serviceAccounts: expected a list .*, found null/);
    await kubectl(['delete', 'rral', 'odd']);
  });

  test('keeps up after its watches are cut', async () => {
    assert.ok(proxy.cutWatches() > 0);
    await keepsUp();
    assert.ok(restarts.includes('connection'));
  });

  test('keeps up after an event was cut in the middle of its line', async () => {
    proxy.truncateNextEvent();
    await keepsUp();
    assert.ok(restarts.includes('connection'));
  });

  test('keeps up after its connections went silent', async () => {
    proxy.goSilent();
    await createAllowlist('unheard', { namespaces: ['unheard'], roles: [] });
    await waitFor('the watch to be given up', () => restarts.includes('idle'));
    proxy.resume();
    await waitFor('what was missed', () => names().includes('unheard'));
    await kubectl(['delete', 'rral', 'unheard']);
    await keepsUp();
  });

  for (const { status, reason } of WATCH_ANSWERS) {
    test(`keeps up after a watch was answered ${status}`, async () => {
      proxy.answerNext({ verb: 'watch', status, path: '/ramroleallowlists' });
      proxy.cutWatches();
      await waitFor('the refusal', () => restarts.includes(reason));
      await keepsUp();
    });
  }

  test('lists anew after a watch said that its version is too old', async () => {
    const lists = () =>
      proxy.requests().filter(({ verb, path }) => verb === 'list' && path.endsWith('/ramroleallowlists'))
        .length;
    const before = lists();
    proxy.answerNext({ verb: 'watch', status: 410, path: '/ramroleallowlists', asEvent: true });
    proxy.cutWatches();
    await keepsUp();
    assert.ok(lists() > before);
  });

  test('keeps what it has while the API server is away, and keeps up when it is back', async () => {
    const before = names();
    await controlPlane.stopApiServer();
    await waitFor('the loss', () => restarts.length > 0);
    assert.deepEqual(names(), before);
    await controlPlane.startApiServer();
    await keepsUp();
  });
});

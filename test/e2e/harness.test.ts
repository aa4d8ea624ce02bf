import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { startNodeAgent } from './harness/node-agent.ts';
import { type Cluster, formatList, startCluster } from './harness/start-cluster.ts';
import { waitFor } from './harness/wait-for.ts';
import { buildNodeImage } from './harness-test/build-node-image.ts';
import {
  buildPretendDeployment,
  buildServer,
  buildServerConfig,
  buildWebhook,
} from './harness-test/manifests.ts';

suite('node agent and service proxy', () => {
  let cluster: Cluster;
  let serverUrl = '';

  before(async () => {
    cluster = await startCluster({
      images: {
        'broken:*': { run: 'never-starts' },
        'once:*': { run: 'succeeds' },
        'server:*': buildNodeImage('server.mjs'),
        'webhook:*': buildNodeImage('webhook.mjs'),
      },
    });
  });

  after(() => cluster?.stop());

  const kubectl = (...args: string[]) => cluster.kubectl(args);
  const apply = (...objects: object[]) => cluster.apply(objects);

  async function podNames(): Promise<string[]> {
    const names = await kubectl('get', 'pods', '-l', 'app=server', '-o', 'name');
    return names.split('\n').map((name) => name.replace('pod/', ''));
  }

  async function readServer(): Promise<Record<string, unknown>> {
    const response = await fetch(serverUrl);
    return JSON.parse(await response.text());
  }

  test('a deployment of an unknown image becomes available', async () => {
    await apply(buildPretendDeployment('tenant', 3));
    await kubectl('rollout', 'status', 'deployment/tenant', '--timeout=30s');
  });

  test('a pod whose image does not exist waits in ImagePullBackOff', async () => {
    await kubectl('run', 'broken', '--image=broken:1');
    const reason = 'jsonpath={.status.containerStatuses[0].state.waiting.reason}';
    await waitFor(
      'the reason',
      async () => (await kubectl('get', 'pod', 'broken', '-o', reason)) === 'ImagePullBackOff',
    );
    await kubectl('delete', 'pod', 'broken');
  });

  test('a pod waits for its ConfigMap, and its server is reachable through the Service', async () => {
    await apply(...buildServer('hello'));
    const address = await kubectl('get', 'service', 'server', '-o', 'jsonpath={.spec.clusterIP}');
    serverUrl = `http://${address}/`;
    await assert.rejects(fetch(serverUrl), ({ cause }) => cause.code === 'ECONNREFUSED');
    await apply(buildServerConfig('first'));
    await kubectl('rollout', 'status', 'deployment/server', '--timeout=30s');
    const answer = await waitFor('the server', readServer);
    assert.ok((await podNames()).includes(String(answer['hostname'])));
    const { hostname: _, ...rest } = answer;
    assert.deepEqual(rest, { message: 'first', namespace: 'default', greeting: 'hello', user: 65532 });
  });

  test('a mounted ConfigMap follows its object within a second', async () => {
    await apply(buildServerConfig('second'));
    const options = { timeoutMs: 1000 };
    await waitFor('the new message', async () => (await readServer())['message'] === 'second', options);
  });

  test('a pod calls the API server with what RBAC gives its ServiceAccount, and no more', async () => {
    const call = async (path: string) => {
      const response = await fetch(`${serverUrl}api?path=${encodeURIComponent(path)}`);
      return response.text();
    };
    assert.equal(await call('/api/v1/namespaces/default/configmaps/server'), '200');
    assert.equal(await call('/api/v1/namespaces/default/configmaps'), '403');
    assert.equal(await call('/api/v1/namespaces/default/secrets'), '403');
  });

  test('a container that crashes is started again', async () => {
    await fetch(`${serverUrl}crash`).catch(() => undefined);
    const counts = 'jsonpath={.items[*].status.containerStatuses[0].restartCount}';
    await waitFor('a restart', async () =>
      (await kubectl('get', 'pods', '-l', 'app=server', '-o', counts)).includes('1'),
    );
    await kubectl('wait', '--for=condition=Ready', 'pods', '-l', 'app=server', '--timeout=20s');
  });

  test('a rolling update refuses no connection', async () => {
    const greetings = new Map<unknown, number>();
    const failures: unknown[] = [];
    let updating = true;
    const client = (async () => {
      while (updating) {
        try {
          const { greeting } = await readServer();
          greetings.set(greeting, (greetings.get(greeting) ?? 0) + 1);
        } catch (error) {
          failures.push(error);
        }
      }
    })();
    const before = await podNames();
    await kubectl('set', 'env', 'deployment/server', 'GREETING=good day');
    await kubectl('rollout', 'status', 'deployment/server', '--timeout=60s');
    await waitFor('the old pods to go', async () => {
      const present = await podNames();
      return before.every((name) => !present.includes(name));
    });
    updating = false;
    await client;
    assert.deepEqual(failures, []);
    assert.deepEqual([...greetings.keys()], ['hello', 'good day']);
  });

  test('kubectl logs shows what a container has written', async () => {
    const [name = ''] = await podNames();
    assert.match(await kubectl('logs', name, '--tail=1'), /^listening on 127\./);
  });

  test('a deletion sends SIGTERM and waits for the end of the process', async () => {
    const [name = ''] = await podNames();
    const started = performance.now();
    await kubectl('delete', 'pod', name);
    const log = cluster.nodeAgent.readLog({ namespace: 'default', name, container: 'server' });
    assert.match(log, /^listening on 127\.[\d.]+\nSIGTERM: closing\nclosed\n$/);
    assert.ok(performance.now() - started > 1300, 'preStop and the shutdown take 1.3 s');
  });

  test('the API server restarts, and everything goes on', async () => {
    await cluster.controlPlane.restartApiServer();
    await kubectl('scale', 'deployment/tenant', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/tenant', '--timeout=30s');
    assert.equal((await readServer())['message'], 'second');
  });

  test('a Service without a ready pod refuses connections', async () => {
    await kubectl('scale', 'deployment/server', '--replicas=0');
    await waitFor('the refusal', async () => {
      try {
        await fetch(serverUrl);
        return false;
      } catch {
        return true;
      }
    });
    await assert.rejects(fetch(serverUrl), ({ cause }) => cause.code === 'ECONNREFUSED');
  });

  test('the API server calls a webhook through its Service, and reports what it says', async () => {
    const { authority } = cluster.controlPlane;
    const names = ['webhook.default.svc'];
    const serving = await authority.issue({ commonName: 'webhook', addresses: [], names });
    await apply(...buildWebhook(serving, authority.certificate));
    await kubectl('rollout', 'status', 'deployment/webhook', '--timeout=30s');
    const metadata = { name: 'refused', labels: { refused: 'yes' } };
    const input = formatList([{ apiVersion: 'v1', kind: 'ConfigMap', metadata }]);
    const create = () => cluster.controlPlane.kubectl(['create', '-f', '-'], { input });
    // A registration reaches the API server's admission a moment after it was accepted.
    const { stderr } = await waitFor('the refusal', async () => {
      const result = await create();
      await cluster.controlPlane.kubectl(['delete', 'configmap', 'refused', '--ignore-not-found']);
      return result.code === 1 && result;
    });
    assert.match(stderr, /admission webhook "webhook\.example\.com" denied the request: refused by webhook-/);
    await kubectl('scale', 'deployment/webhook', '--replicas=0');
    await kubectl('wait', '--for=delete', 'pods', '-l', 'app=webhook', '--timeout=30s');
    assert.match((await create()).stderr, /failed calling webhook .*connect: connection refused/);
  });

  test('a job runs to its end', async () => {
    await kubectl('create', 'job', 'once', '--image=once:1');
    await kubectl('wait', '--for=condition=Complete', 'job/once', '--timeout=30s');
  });

  test('a drain moves the pods to another node', async () => {
    const second = await startNodeAgent({
      controlPlane: cluster.controlPlane,
      images: {},
      nodeName: 'node-2',
    });
    try {
      await kubectl('drain', 'node-1', '--ignore-daemonsets', '--timeout=30s');
      await kubectl('rollout', 'status', 'deployment/tenant', '--timeout=30s');
      const nodes = await kubectl(
        'get',
        'pods',
        '-l',
        'app=tenant',
        '-o',
        'jsonpath={.items[*].spec.nodeName}',
      );
      assert.deepEqual(new Set(nodes.split(' ')), new Set(['node-2']));
    } finally {
      await second.stop();
    }
  });
});

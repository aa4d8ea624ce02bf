import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts';
import { type NodeAgent, startNodeAgent } from './harness/node-agent.ts';
import { type ServiceProxy, startServiceProxy } from './harness/service-proxy.ts';
import { waitFor } from './harness/wait-for.ts';
import {
  buildPretendDeployment,
  buildServer,
  buildServerConfig,
  formatObjects,
} from './harness-test/manifests.ts';

suite('node agent and service proxy', () => {
  let controlPlane: ControlPlane;
  let agent: NodeAgent;
  let proxy: ServiceProxy;
  let serverUrl = '';

  before(async () => {
    controlPlane = await startControlPlane();
    proxy = await startServiceProxy({
      client: controlPlane.client,
      apiServer: controlPlane.apiServer,
    });
    agent = await startNodeAgent({
      controlPlane,
      images: {
        'broken:*': { run: 'never-starts' },
        'server:*': {
          run: 'process',
          files: {
            '/bin-node/node': process.execPath,
            '/app/server.mjs': join(import.meta.dirname, 'harness-test/server.mjs'),
          },
          entrypoint: ['/bin-node/node', '/app/server.mjs'],
        },
      },
    });
  });

  after(async () => {
    await agent?.stop();
    await proxy?.stop();
    await controlPlane?.stop();
  });

  async function kubectl(...args: string[]): Promise<string> {
    return runKubectl(args);
  }

  async function runKubectl(args: string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await controlPlane.kubectl(args, { input });
    assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  function apply(...objects: object[]): Promise<string> {
    return runKubectl(['apply', '-f', '-'], formatObjects(...objects));
  }

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

  test('a deletion sends SIGTERM and waits for the end of the process', async () => {
    const [name = ''] = await podNames();
    const started = performance.now();
    await kubectl('delete', 'pod', name);
    const log = agent.readLog({ namespace: 'default', name, container: 'server' });
    assert.match(log, /^listening on 127\.[\d.]+\nSIGTERM: closing\nclosed\n$/);
    assert.ok(performance.now() - started > 1300, 'preStop and the shutdown take 1.3 s');
  });

  test('the API server restarts, and everything goes on', async () => {
    await controlPlane.restartApiServer();
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

  test('a job runs to its end', async () => {
    await delay(0);
  });
});

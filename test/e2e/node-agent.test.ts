import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Cluster, startCluster } from './harness/start-cluster.ts';
import { waitFor } from './harness/wait-for.ts';

// Each pod is one shell script, whose output tells what the node agent gave it.
suite('node agent', () => {
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({
      images: { 'shell:*': { run: 'process', entrypoint: ['/bin/sh', '-c'] } },
    });
    await cluster.apply([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret' }, stringData: { key: 'hidden' } },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'config' },
        data: { KEY: 'open', other: 'file' },
      },
    ]);
  });

  after(() => cluster?.stop());

  async function createPod(name: string, script: string, container: object = {}, spec: object = {}) {
    const containers = [{ name: 'shell', image: 'shell:1', args: [script], ...container }];
    const metadata = { name, labels: { app: name } };
    await cluster.apply([
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, restartPolicy: 'Never', ...spec } },
    ]);
  }

  async function runToEnd(...args: Parameters<typeof createPod>): Promise<string> {
    const [name] = args;
    await createPod(...args);
    await waitForField(name, '{.status.phase}', 'Succeeded');
    return readLog(name);
  }

  function readLog(name: string): string {
    return cluster.nodeAgent.readLog({ namespace: 'default', name, container: 'shell' });
  }

  async function waitForField(name: string, path: string, wanted: string): Promise<void> {
    let seen = '';
    const probe = async () => {
      seen = await cluster.kubectl(['get', 'pod', name, '-o', `jsonpath=${path}`]);
      return seen === wanted;
    };
    await waitFor(`${path} of pod ${name}`, probe, { timeoutMs: 15_000 }).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${seen}; its log: ${readLog(name)}`);
    });
  }

  test('resolves the environment from fields, resources, Secrets and ConfigMaps', async () => {
    const log = await runToEnd('environment', 'echo $NODE $APP $MEMORY $SECRET $KEY $BOTH; hostname', {
      resources: { limits: { memory: '64Mi' } },
      envFrom: [{ configMapRef: { name: 'config' } }],
      env: [
        { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
        { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'secret', key: 'key' } } },
        { name: 'BOTH', value: '$(APP)-$(NODE)' },
      ],
    });
    assert.equal(log, 'node-1 environment 64 hidden open environment-node-1\nenvironment\n');
  });

  test('waits while something that the environment needs is missing', async () => {
    const env = [{ name: 'LATE', valueFrom: { configMapKeyRef: { name: 'late', key: 'key' } } }];
    await createPod('late', 'echo $LATE', { env });
    const reason = '{.status.containerStatuses[0].state.waiting.reason}';
    await waitForField('late', reason, 'CreateContainerConfigError');
    await cluster.kubectl(['create', 'configmap', 'late', '--from-literal=key=come']);
    await waitForField('late', '{.status.phase}', 'Succeeded');
    assert.equal(readLog('late'), 'come\n');
  });

  test('mounts volumes with the modes, owners and read-only flags that a kubelet gives them', async () => {
    const script = `
      cd /volumes
      cat secret/key single; echo
      stat -L -c '%a %g %n' secret/key token/token empty
      echo x > empty/file && echo written; echo x 2>/dev/null > secret/file || echo read-only
      touch /file 2>/dev/null || echo read-only root; id -u; id -G`;
    const log = await runToEnd(
      'volumes',
      script,
      {
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [
          { name: 'secret', mountPath: '/volumes/secret' },
          { name: 'config', mountPath: '/volumes/single', subPath: 'other' },
          { name: 'token', mountPath: '/volumes/token' },
          { name: 'empty', mountPath: '/volumes/empty' },
        ],
      },
      {
        securityContext: { runAsUser: 1234, runAsGroup: 1234, fsGroup: 4321 },
        volumes: [
          { name: 'secret', secret: { secretName: 'secret', defaultMode: 0o400 } },
          { name: 'config', configMap: { name: 'config' } },
          {
            name: 'token',
            projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'me' } }] },
          },
          { name: 'empty', emptyDir: {} },
        ],
      },
    );
    const modes = '440 4321 secret/key\n640 4321 token/token\n2777 4321 empty\n';
    const rest = 'written\nread-only\nread-only root\n1234\n1234 4321\n';
    assert.equal(log, `hiddenfile\n${modes}${rest}`);
  });

  test('runs init containers first, and no container after one that failed', async () => {
    const initContainers = [{ name: 'first', image: 'shell:1', args: ['exit 7'] }];
    await createPod('init', 'echo never', {}, { initContainers });
    await waitForField('init', '{.status.phase}', 'Failed');
    assert.equal(readLog('init'), '');
    assert.match(await cluster.kubectl(['get', 'pod', 'init', '-o', 'json']), /"exitCode": 7/);
  });

  test('restarts a container whose liveness probe fails', async () => {
    const livenessProbe = {
      exec: { command: ['test', '-e', '/tmp/alive'] },
      periodSeconds: 1,
      failureThreshold: 1,
    };
    const script = 'echo start; touch /tmp/alive; sleep 1; rm /tmp/alive; exec sleep 60';
    await createPod(
      'liveness',
      script,
      { livenessProbe: { ...livenessProbe, initialDelaySeconds: 1 } },
      {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 1,
      },
    );
    await waitForField('liveness', '{.status.containerStatuses[0].restartCount}', '1');
    await cluster.kubectl(['delete', 'pod', 'liveness']);
  });

  test('holds readiness back until the startup probe has passed', async () => {
    const startupProbe = { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1 };
    await createPod('startup', 'sleep 1; touch /tmp/started; exec sleep 60', { startupProbe });
    await waitForField('startup', '{.status.phase} {.status.containerStatuses[0].ready}', 'Running false');
    await waitForField('startup', '{.status.phase} {.status.containerStatuses[0].ready}', 'Running true');
  });

  test('runs preStop before SIGTERM, and kills what outlives its grace period', async () => {
    const preStop = { exec: { command: ['/bin/sh', '-c', 'echo stopping > /tmp/log'] } };
    const script = 'trap "cat /tmp/log" TERM; echo ready; while true; do sleep 0.1; done';
    await createPod('stubborn', script, { lifecycle: { preStop } }, { terminationGracePeriodSeconds: 2 });
    await waitFor('the trap', () => readLog('stubborn').includes('ready'));
    const started = performance.now();
    await cluster.kubectl(['delete', 'pod', 'stubborn']);
    const seconds = (performance.now() - started) / 1000;
    assert.equal(readLog('stubborn'), 'ready\nstopping\n');
    assert.ok(seconds > 1.8 && seconds < 10, `it took ${seconds} s`);
  });

  test('ends the process of a pod that is deleted by force', async () => {
    // Kubernetes turns $$ into one dollar sign.
    await createPod('forced', 'echo $$$$; trap "" TERM; while true; do sleep 0.1; done');
    const pid = await waitFor('the process', () => Number(readLog('forced')) || undefined);
    await cluster.kubectl(['delete', 'pod', 'forced', '--force', '--grace-period=0']);
    await waitFor('the end of the process', () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});

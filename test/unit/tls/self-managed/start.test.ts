import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../../../src/kubernetes/client.ts';
import { createLoggerTo } from '../../../../src/observability/logger.ts';
import { startSelfManagedCertificate } from '../../../../src/tls/self-managed/start.ts';
import { createFakeCluster, type FakeCluster } from '../../../support/fake-cluster.ts';
import { until } from '../../../support/until.ts';

const TIMINGS = { pollIntervalMs: 20, publicationLeadMs: 200 };
const AWAY = new Error('connect ECONNREFUSED');

function start(cluster: FakeCluster, signal?: AbortSignal) {
  const lines: string[] = [];
  let restores = 0;
  const write = (line: string) => {
    const { msg, problem = '', change = '' } = JSON.parse(line);
    lines.push(`${msg}: ${problem}${change}`);
  };
  const started = startSelfManagedCertificate(
    {
      client: cluster.client,
      namespace: 'hooks',
      secretName: 'tls',
      serviceName: 'hook',
      webhookConfigurationName: 'hook',
      timings: TIMINGS,
      ...(signal && { signal }),
    },
    {
      logger: createLoggerTo({ write }, 'info'),
      countBundleRestore: () => {
        restores += 1;
      },
    },
  );
  return { started, lines, restores: () => restores };
}

function listen() {
  const certificates: string[] = [];
  const problems: string[] = [];
  let recoveries = 0;
  return {
    certificates,
    problems,
    recoveries: () => recoveries,
    onRecovery: () => {
      recoveries += 1;
    },
    onCertificate: ({ cert }: { cert: string }) => {
      certificates.push(cert);
    },
    onProblem: (problem: string) => {
      problems.push(problem);
    },
  };
}

suite('self-managed certificate', () => {
  test('the first one is what the Secret holds and the webhooks trust', async () => {
    const cluster = createFakeCluster();
    const { started, lines } = start(cluster);
    const { first, watch } = await started;
    watch(listen()).close();
    const secret = cluster.readSecret();
    assert.deepEqual([first.cert, first.key], [secret?.['tls.crt'], secret?.['tls.key']]);
    assert.deepEqual([...new Set(cluster.readBundles())], [secret?.['ca.crt']]);
    const days = (first.certificate.validToDate.getTime() - Date.now()) / 86_400_000;
    assert.ok(days > 89.9 && days <= 90);
    assert.match(lines[0] ?? '', /Secret changed: start-over$/);
  });

  test('replicas that start at once agree on one', async () => {
    const cluster = createFakeCluster();
    const replicas = await Promise.all(Array.from({ length: 5 }, () => start(cluster).started));
    const stored = cluster.readSecret()?.['tls.crt'];
    assert.deepEqual(new Set(replicas.map(({ first }) => first.cert)), new Set([stored]));
    for (const { watch } of replicas) {
      watch(listen()).close();
    }
  });

  test('a webhook configuration that does not exist yet is told, and waited for by nobody', async () => {
    const cluster = createFakeCluster();
    cluster.removeConfiguration('mutating');
    const { started, lines } = start(cluster);
    (await started).watch(listen()).close();
    assert.match(lines[0] ?? '', /^webhook configuration does not exist yet/);
  });

  test('it is waited for while the API server is away, which is told once', async () => {
    const cluster = createFakeCluster();
    cluster.failWhen(() => AWAY);
    const { started, lines } = start(cluster);
    await delay(700);
    const expected = 'Secret hooks/tls cannot be read: connect ECONNREFUSED';
    assert.deepEqual(lines, [`cannot maintain the serving certificate, retrying: ${expected}`]);
    cluster.failWhen(() => undefined);
    (await started).watch(listen()).close();
  });

  test('it is waited for while the bundle may not be published; the reason is told', async () => {
    const cluster = createFakeCluster();
    cluster.failWhen(({ method }) =>
      method === 'PATCH' ? new ApiError(403, 'patch is forbidden') : undefined,
    );
    const { started, lines } = start(cluster);
    await until('the reason', () => lines.some((line) => line.includes('patch is forbidden')));
    cluster.failWhen(() => undefined);
    const { close } = (await started).watch(listen());
    await until('the end', () => lines.some((line) => line.startsWith('serving certificate recovered')));
    close();
  });

  test('the wait ends with the signal', async () => {
    const cluster = createFakeCluster();
    cluster.writeSecret(undefined);
    const controller = new AbortController();
    const { started, lines } = start(cluster, controller.signal);
    await until('the reason', () => lines.some((line) => line.includes('Secret hooks/tls is missing')));
    controller.abort(new Error('stopping'));
    await assert.rejects(started, /stopping/);
    const count = cluster.requests.length;
    await delay(100);
    assert.equal(cluster.requests.length, count);
  });

  test('it does not begin after the signal', async () => {
    const cluster = createFakeCluster();
    const { started } = start(cluster, AbortSignal.abort(new Error('stopping')));
    await assert.rejects(started, /stopping/);
    assert.equal(cluster.requests.length, 0);
  });

  test('a change before there is a listener is told to it at once', async () => {
    const cluster = createFakeCluster();
    const { watch, first } = await start(cluster).started;
    cluster.writeSecret({ ...cluster.readSecret(), 'tls.crt': '' });
    await until('a new leaf', () => (cluster.readSecret()?.['tls.crt'] ?? '') !== '');
    await delay(100);
    const listener = listen();
    watch(listener).close();
    assert.deepEqual(listener.certificates, [cluster.readSecret()?.['tls.crt']]);
    assert.notEqual(listener.certificates[0], first.cert);
  });

  test('a certificate that the listener cannot use is a problem, and is offered again', async () => {
    const cluster = createFakeCluster();
    const { watch } = await start(cluster).started;
    const listener = listen();
    let isBroken = true;
    const { close } = watch({
      ...listener,
      onCertificate: (certificate) => {
        if (isBroken) {
          throw new Error('TLS refuses it');
        }
        listener.onCertificate(certificate);
      },
    });
    cluster.writeSecret({ ...cluster.readSecret(), 'tls.crt': '' });
    await until('the problem', () => listener.problems.includes('TLS refuses it'));
    isBroken = false;
    await until('the certificate', () => listener.certificates.length === 1);
    close();
  });

  test('a bundle is put back each time it is wiped, and each time counted and logged', async () => {
    const cluster = createFakeCluster();
    const { started, lines, restores } = start(cluster);
    const { watch } = await started;
    const { close } = watch(listen());
    for (let count = 1; count <= 3; count += 1) {
      await delay(100);
      cluster.writeBundle('bind', '');
      await until('the bundle', () => !cluster.readBundles().includes(''));
      await until('the count', () => restores() === count);
      assert.equal(lines.filter((line) => line.startsWith('caBundle put back')).length, count);
    }
    close();
  });

  test('problems are told when they begin, and their end is logged', async () => {
    const cluster = createFakeCluster();
    const { started, lines } = start(cluster);
    const listener = listen();
    const { close } = (await started).watch(listener);
    const secret = cluster.readSecret();
    cluster.writeSecret(undefined);
    await until('the problem', () => listener.problems.length > 0);
    await delay(100);
    cluster.writeSecret(secret);
    await until('the end', () => lines.some((line) => line.startsWith('serving certificate recovered')));
    assert.equal(listener.problems.length, 1);
    assert.match(listener.problems[0] ?? '', /^Secret hooks\/tls is missing/);
    assert.equal(listener.recoveries(), 1);
    close();
  });

  test('a problem that began before there is a listener is reported to it at once', async () => {
    const cluster = createFakeCluster();
    const { started, lines } = start(cluster);
    const { watch } = await started;
    cluster.writeSecret(undefined);
    await until('the problem', () => lines.some((line) => line.includes('Secret hooks/tls is missing')));
    const listener = listen();
    watch(listener).close();
    assert.match(listener.problems[0] ?? '', /^Secret hooks\/tls is missing/);
  });

  test('reports a problem if another client undoes each write', async () => {
    const cluster = createFakeCluster();
    const { started } = start(cluster);
    const listener = listen();
    const { close } = (await started).watch(listener);
    cluster.failWhen(({ method }) => {
      if (method === 'PUT') {
        queueMicrotask(() => cluster.writeSecret({}));
      }
      return undefined;
    });
    cluster.writeSecret({});
    await until('the problem', () =>
      listener.problems.some((problem) => problem.startsWith('another client undoes each write')),
    );
    close();
  });

  test('closing the watch ends all calls', async () => {
    const cluster = createFakeCluster();
    const { watch } = await start(cluster).started;
    watch(listen()).close();
    await delay(50);
    const count = cluster.requests.length;
    await delay(100);
    assert.equal(cluster.requests.length, count);
  });
});

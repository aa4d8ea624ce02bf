import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createCaBundlePublisher } from '../../../src/kubernetes/ca-bundle.ts';
import { ApiError } from '../../../src/kubernetes/client.ts';
import { createLoggerTo } from '../../../src/observability/logger.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

function createPublisher() {
  const cluster = createFakeCluster();
  const lines: string[] = [];
  let restores = 0;
  const write = (line: string) => {
    const { configuration, msg } = JSON.parse(line);
    lines.push(`${msg}: ${configuration}`);
  };
  const publisher = createCaBundlePublisher(cluster.client, 'hook', {
    logger: createLoggerTo({ write }, 'info'),
    countBundleRestore: () => {
      restores += 1;
    },
  });
  return {
    cluster,
    lines,
    restores: () => restores,
    publisher,
    publish: async (bundle: string) => publisher.publish(await publisher.read(), bundle),
    patches: () => cluster.requests.filter(({ method }) => method === 'PATCH'),
  };
}

suite('CA bundle', () => {
  test('every webhook of both configurations gets it, and nothing else is sent', async () => {
    const { cluster, patches, publish, lines } = createPublisher();
    assert.equal(await publish('one'), true);
    assert.deepEqual(cluster.readBundles(), ['one', 'one', 'one']);
    const value = Buffer.from('one').toString('base64');
    assert.deepEqual(patches()[1], {
      method: 'PATCH',
      path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/hook',
      query: { fieldManager: 'eci-ram-role-webhook-ca' },
      contentType: 'application/json-patch+json',
      body: [
        { op: 'replace', path: '/metadata/resourceVersion', value: '1' },
        { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value },
        { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value },
      ],
    });
    assert.deepEqual(lines, []);
  });

  test('nothing is written where nothing differs', async () => {
    const { patches, publish } = createPublisher();
    await publish('one');
    assert.equal(await publish('one'), false);
    assert.equal(patches().length, 2);
  });

  test('only the webhook that differs is written', async () => {
    const { cluster, patches, publish } = createPublisher();
    await publish('one');
    cluster.writeBundle('bind', '');
    assert.equal(await publish('one'), true);
    assert.deepEqual(cluster.readBundles(), ['one', 'one', 'one']);
    const { path = '', body } = patches()[2] ?? {};
    assert.match(path, /validating/);
    assert.equal(JSON.stringify(body).match(/caBundle/g)?.length, 1);
    assert.equal(patches().length, 3);
  });

  test('what another has changed is put back at once, counted and logged', async () => {
    const { cluster, publish, lines, restores } = createPublisher();
    await publish('one');
    cluster.writeBundle('mutate', 'of another');
    await publish('one');
    assert.equal(restores(), 1);
    assert.deepEqual(lines, [
      'caBundle put back after another client changed it: MutatingWebhookConfiguration hook',
    ]);
    assert.deepEqual(cluster.readBundles(), ['one', 'one', 'one']);
  });

  test('a bundle that is wiped before each turn is put back on each, and each time counted', async () => {
    const { cluster, publish, lines, restores } = createPublisher();
    await publish('one');
    for (let turn = 1; turn <= 10; turn += 1) {
      cluster.writeBundle('mutate', '');
      assert.equal(await publish('one'), true);
      assert.deepEqual(cluster.readBundles(), ['one', 'one', 'one']);
      assert.equal(restores(), turn);
      assert.equal(lines.length, turn);
    }
  });

  test('another bundle is published at once, and does not count as put back', async () => {
    const { cluster, publish, restores } = createPublisher();
    await publish('one');
    cluster.writeBundle('mutate', '');
    await publish('one');
    assert.equal(await publish('two'), true);
    assert.deepEqual(cluster.readBundles(), ['two', 'two', 'two']);
    assert.equal(restores(), 1);
  });

  test('what another replica published since the reading is not overwritten', async () => {
    const { cluster, publisher } = createPublisher();
    const reading = await publisher.read();
    await publisher.publish(await publisher.read(), 'newer');
    assert.equal(await publisher.publish(reading, 'older'), true);
    assert.deepEqual(cluster.readBundles(), ['newer', 'newer', 'newer']);
  });

  test('a configuration that does not exist is logged once, until it is gone again', async () => {
    const { cluster, publish, lines } = createPublisher();
    cluster.removeConfiguration('mutating');
    await publish('one');
    await publish('one');
    assert.deepEqual(lines, ['webhook configuration does not exist yet: MutatingWebhookConfiguration hook']);
    assert.deepEqual(cluster.readBundles(), ['one', 'one']);
  });

  test('a configuration that is deleted later is a warning, once', async () => {
    const { cluster, lines, publish } = createPublisher();
    await publish('one');
    cluster.removeConfiguration('validating');
    await publish('one');
    await publish('one');
    assert.deepEqual(lines, ['webhook configuration was deleted: ValidatingWebhookConfiguration hook']);
  });

  test('a refusal to read is told with the name and the words of the API server', async () => {
    const { cluster, publisher } = createPublisher();
    cluster.failWhen(({ path }) =>
      path.includes('/validating') ? new ApiError(403, 'get is forbidden') : undefined,
    );
    await assert.rejects(publisher.read(), {
      message: 'ValidatingWebhookConfiguration hook cannot be read: get is forbidden',
    });
  });

  test('a refusal to write one is told after the other was written', async () => {
    const { cluster, publish } = createPublisher();
    cluster.failWhen(({ method, path }) =>
      method === 'PATCH' && path.includes('/mutating') ? new ApiError(403, 'patch is forbidden') : undefined,
    );
    await assert.rejects(publish('one'), {
      message: 'caBundle of MutatingWebhookConfiguration hook cannot be written: patch is forbidden',
    });
    assert.deepEqual(cluster.readBundles(), ['', 'one', 'one']);
  });

  test('a configuration without webhooks is as it should be', async () => {
    const { patches, publisher } = createPublisher();
    const empty = { kind: 'MutatingWebhookConfiguration', resourceVersion: '1', webhooks: [] } as const;
    assert.equal(await publisher.publish([empty], 'one'), false);
    assert.equal(patches().length, 0);
  });
});

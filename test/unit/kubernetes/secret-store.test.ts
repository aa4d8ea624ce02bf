import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ApiError } from '../../../src/kubernetes/client.ts';
import { createSecretStore } from '../../../src/kubernetes/secret-store.ts';
import { createFakeCluster } from '../../support/fake-cluster.ts';

const PLACE = { namespace: 'hooks', secretName: 'tls' };
const FORBIDDEN = new ApiError(403, 'secrets "tls" is forbidden');

suite('secret store', () => {
  test('an empty Secret has no data', async () => {
    const { client } = createFakeCluster();
    assert.deepEqual((await createSecretStore(client, PLACE).read()).data, {});
  });

  test('data is read as it was written, by our field manager', async () => {
    const { client, requests } = createFakeCluster();
    const store = createSecretStore(client, PLACE);
    await store.replace(await store.read(), { 'tls.crt': 'first\n', 'tls.key': '' });
    assert.deepEqual((await store.read()).data, { 'tls.crt': 'first\n', 'tls.key': '' });
    const put = requests.find(({ method }) => method === 'PUT');
    assert.deepEqual(put?.query, { fieldManager: 'eci-ram-role-webhook-ca' });
  });

  test('what others keep in the Secret stays byte for byte, a key left out goes', async () => {
    const binary = Buffer.from([0xff, 0x00, 0xfe]).toString('base64');
    const bodies: unknown[] = [];
    const store = createSecretStore(
      {
        open: () => Promise.reject(new Error('not called')),
        call: async ({ body }) => {
          bodies.push(body);
          return {
            kind: 'Secret',
            metadata: { name: 'tls', resourceVersion: '1', labels: { app: 'hook' } },
            data: { binary, former: 'AA==' },
            type: 'kubernetes.io/tls',
          };
        },
      },
      PLACE,
    );
    const secret = await store.read();
    await store.replace(secret, { binary: secret.data['binary'] ?? '', added: 'text' });
    assert.deepEqual(bodies[1], {
      kind: 'Secret',
      metadata: { name: 'tls', resourceVersion: '1', labels: { app: 'hook' } },
      data: { binary, added: 'dGV4dA==' },
      type: 'kubernetes.io/tls',
    });
  });

  test('a Secret written by another meanwhile is not overwritten', async () => {
    const { client, readSecret } = createFakeCluster();
    const store = createSecretStore(client, PLACE);
    const secret = await store.read();
    assert.equal(await store.replace(secret, { by: 'one' }), 'replaced');
    assert.equal(await store.replace(secret, { by: 'another' }), 'conflict');
    assert.deepEqual(readSecret(), { by: 'one' });
  });

  test('a missing Secret is told with who makes it', async () => {
    const { client, writeSecret } = createFakeCluster();
    writeSecret(undefined);
    await assert.rejects(createSecretStore(client, PLACE).read(), {
      message: 'Secret hooks/tls is missing: run "helm upgrade" to create it again',
    });
  });

  test('a refusal to read is told in the words of the API server', async () => {
    const { client, failWhen } = createFakeCluster();
    failWhen(() => FORBIDDEN);
    await assert.rejects(createSecretStore(client, PLACE).read(), {
      message: 'Secret hooks/tls cannot be read: secrets "tls" is forbidden',
    });
  });

  test('a refusal to write is told in the words of the API server', async () => {
    const { client, failWhen } = createFakeCluster();
    const store = createSecretStore(client, PLACE);
    const secret = await store.read();
    failWhen(() => FORBIDDEN);
    await assert.rejects(store.replace(secret, {}), {
      message: 'Secret hooks/tls cannot be written: secrets "tls" is forbidden',
    });
  });

  test('an answer that is no Secret is a problem, not a crash', async () => {
    const client = { open: () => Promise.reject(new Error()), call: async () => 'hello' };
    await assert.rejects(createSecretStore(client, PLACE).read(), {
      message: /^Secret hooks\/tls cannot be read: /,
    });
  });
});

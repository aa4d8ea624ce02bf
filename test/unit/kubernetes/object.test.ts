import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiClient } from '../../../src/kubernetes/client.ts';
import { readPodAnnotations } from '../../../src/kubernetes/object.ts';

const NO_CLIENT: Pick<ApiClient, 'call'> = { call: () => assert.fail('the API server is asked') };

for (const name of ['', '.', '..', '../../default/pods/x', 'pod/status', 'Pod', 'pod?x', 'a'.repeat(254)]) {
  test(`asks for no pod that is called ${JSON.stringify(name.slice(0, 30))}`, async () => {
    await assert.rejects(readPodAnnotations(NO_CLIENT, 'payments', name), /no pod has such a name/);
  });
}

test('reads the annotations of a pod by its path', async () => {
  const asked: string[] = [];
  const client: Pick<ApiClient, 'call'> = {
    call: async ({ path }) => {
      asked.push(path);
      return { metadata: { annotations: { a: 'b', n: 1 } } };
    },
  };
  const annotations = await readPodAnnotations(client, 'payments', 'web-0.a');
  assert.deepEqual(
    [...annotations],
    [
      ['a', 'b'],
      ['n', '1'],
    ],
  );
  assert.deepEqual(asked, ['/api/v1/namespaces/payments/pods/web-0.a']);
});

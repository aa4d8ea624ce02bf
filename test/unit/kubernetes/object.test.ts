import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ApiClient } from '../../../src/kubernetes/client.ts';
import { podPath, readPodAnnotations } from '../../../src/kubernetes/object.ts';

suite('the path of a pod', () => {
  const good = [
    ['payments', 'web-0'],
    ['p', 'web.0.a'],
    ['9', '1'],
    ['a'.repeat(63), 'a'.repeat(253)],
  ] as const;
  for (const [namespace, name] of good) {
    test(`is that of ${name.slice(0, 30)} in ${namespace.slice(0, 30)}`, () => {
      assert.equal(podPath(namespace, name), `/api/v1/namespaces/${namespace}/pods/${name}`);
    });
  }

  const odd = [
    '',
    '.',
    '..',
    '../../default/pods/x',
    'pod/status',
    'Pod',
    'pod?x',
    '-x',
    'x-',
    'x\n',
    '%2e',
    'ä',
  ];
  for (const name of [...odd, 'a..b', 'a'.repeat(254)]) {
    test(`does not exist for a pod called ${JSON.stringify(name.slice(0, 30))}`, () => {
      assert.equal(podPath('payments', name), undefined);
    });
  }
  for (const namespace of [...odd, 'a.b', 'a'.repeat(64)]) {
    test(`does not exist for a namespace called ${JSON.stringify(namespace.slice(0, 30))}`, () => {
      assert.equal(podPath(namespace, 'web-0'), undefined);
    });
  }
});

test('reads the annotations of a pod, and no more than 2 MiB of its metadata', async () => {
  const asked: unknown[] = [];
  const client: Pick<ApiClient, 'call'> = {
    call: async ({ path, maxBytes }) => {
      asked.push([path, maxBytes]);
      return { metadata: { annotations: { a: 'b', n: 1 } } };
    },
  };
  const annotations = await readPodAnnotations(client, '/api/v1/namespaces/payments/pods/web-0');
  assert.deepEqual(
    [...annotations],
    [
      ['a', 'b'],
      ['n', '1'],
    ],
  );
  assert.deepEqual(asked, [['/api/v1/namespaces/payments/pods/web-0', 2 * 1024 * 1024]]);
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ApiClient, ApiRequest } from '../../../src/kubernetes/client.ts';
import { listObjects } from '../../../src/kubernetes/list-watch.ts';
import { answerWith } from '../../support/fake-collection.ts';

const KIB = 1024;

/** An API server with objects of these sizes; records the limits that it was asked for, and the bytes that it sent. */
function serverOf(sizes: readonly number[]) {
  const limits: number[] = [];
  const pages: number[] = [];
  const client: ApiClient = {
    call: () => assert.fail('expected no whole answers'),
    open: async ({ query = {} }: ApiRequest) => {
      const limit = Number(query['limit']);
      const from = Number(query['continue'] ?? 0);
      const items = sizes.slice(from, from + limit).map((size, index) => ({
        metadata: { name: `object-${from + index}`, annotations: { a: 'x'.repeat(size) } },
      }));
      const next = from + limit < sizes.length ? String(from + limit) : '';
      const body = JSON.stringify({ metadata: { resourceVersion: '7', continue: next }, items });
      limits.push(limit);
      pages.push(body.length);
      return answerWith(body);
    },
  };
  return { client, limits, pages };
}

async function list(client: ApiClient): Promise<readonly string[]> {
  const names: string[] = [];
  const signal = new AbortController().signal;
  const version = await listObjects(client, { path: '/things' }, ({ name }) => names.push(name), signal);
  assert.equal(version, '7');
  return names;
}

suite('a list', () => {
  const cases = [
    {
      name: 'small objects, with larger and larger pages',
      sizes: Array(1_500).fill(100),
      limits: [16, 64, 256, 500, 500, 500],
    },
    { name: 'no objects', sizes: [], limits: [16] },
    {
      name: 'objects of 255 KiB, with fewer of them in a page',
      sizes: Array(20).fill(255 * KIB),
      limits: [16, 4, 4, 4, 4, 4],
    },
    {
      name: 'objects of 1.5 MiB after small ones',
      sizes: [...Array(80).fill(100), ...Array(3).fill(1_536 * KIB)],
      limits: [16, 64, 256, 64, 16, 4, 1, 1, 1],
    },
    { name: 'an object that JSON has made six times as large', sizes: [9 * 1_024 * KIB], limits: [16, 4, 1] },
  ];
  for (const { name, sizes, limits } of cases) {
    test(`passes on ${name}`, async () => {
      const server = serverOf(sizes);
      assert.deepEqual(
        await list(server.client),
        sizes.map((_, index) => `object-${index}`),
      );
      assert.deepEqual(server.limits, limits);
    });
  }

  test('fails if one object alone is larger than any can be', async () => {
    await assert.rejects(list(serverOf([17 * 1_024 * KIB]).client), {
      message: 'GET /things: an object has more than 16777216 bytes',
    });
  });

  test('fails if the answer is no list', async () => {
    const client = { ...serverOf([]).client, open: async () => answerWith('{}') };
    await assert.rejects(list(client), { message: 'GET /things: expected a list, found none' });
  });
});

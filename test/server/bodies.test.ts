import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { bodyOfSize, GOOD_BODY, podReview } from '../builders/pod-review.ts';
import { type CallOptions, call } from '../support/call.ts';
import { suiteCleanup } from '../support/cleanup.ts';
import { metric } from '../support/probe.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const SECRET = 'hunter2-of-the-pod';

const request = (changed: Readonly<Record<string, unknown>>) => ({
  ...podReview(),
  request: { ...Object(podReview()['request']), ...changed },
});

/** A good review whose object is written by hand. */
function withObject(object: string): string {
  return JSON.stringify(request({ object: 'OBJECT' })).replace('"OBJECT"', object);
}

const NOT_JSON = { status: 400, reason: 'not-json', message: 'expected a JSON body, found something else' };
const tooComplex = (found: string) => ({
  status: 400,
  reason: 'too-complex',
  message: `expected simpler JSON, found ${found}`,
});
const TOO_COSTLY = tooComplex('a cost of more than 100000');
const TOO_DEEP = tooComplex('more than 256 levels');
const NOT_A_REVIEW = {
  status: 400,
  reason: 'not-a-review',
  message: 'expected an AdmissionReview, found no JSON object',
};
const TOO_LARGE = {
  status: 413,
  reason: 'body-too-large',
  message: 'expected a body of at most 16777216 bytes',
};
const WRONG_TYPE = { status: 415, reason: 'content-type', message: 'expected content-type application/json' };
const WRONG_KIND = {
  status: 400,
  reason: 'not-a-review',
  message: 'expected apiVersion admission.k8s.io/v1 and kind AdmissionReview, found others',
};
const NO_UID = {
  status: 400,
  reason: 'not-a-review',
  message: 'request.uid: expected a text that is not empty, found none',
};
const NOT_FOUND = {
  status: 404,
  reason: 'not-found',
  message:
    'expected POST /mutate-pods, /validate-pods, /validate-bindings, /validate-workloads, /validate-injectors or /validate-allowlists',
};

const REJECTED: readonly (CallOptions &
  Readonly<{ title: string; expected: Readonly<{ status: number; reason: string; message: string }> }>)[] = [
  { title: 'what is not JSON', body: `{${SECRET}}`, expected: NOT_JSON },
  { title: 'an empty body', body: '', expected: NOT_JSON },
  { title: 'an empty body without a type', body: '', headers: {}, expected: NOT_JSON },
  { title: 'JSON that ends too soon', body: GOOD_BODY.slice(0, -1), expected: NOT_JSON },
  { title: 'a byte order mark', body: `\u{FEFF}${GOOD_BODY}`, expected: NOT_JSON },
  { title: 'a NUL between values', body: `${GOOD_BODY}\0`, expected: NOT_JSON },
  { title: 'two reviews', body: GOOD_BODY + GOOD_BODY, expected: NOT_JSON },
  {
    title: 'a JSON value that is no object',
    body: '[]',
    expected: NOT_A_REVIEW,
  },
  { title: 'v1beta1', body: GOOD_BODY.replace('k8s.io/v1', 'k8s.io/v1beta1'), expected: WRONG_KIND },
  { title: 'another kind', body: GOOD_BODY.replace('AdmissionReview', 'Pod'), expected: WRONG_KIND },
  {
    title: 'a review without a request',
    body: JSON.stringify({ ...podReview(), request: undefined }),
    expected: { status: 400, reason: 'not-a-review', message: 'request: expected an object, found none' },
  },
  { title: 'a review without a uid', body: JSON.stringify(podReview({ uid: null })), expected: NO_UID },
  { title: 'an empty uid', body: JSON.stringify(podReview({ uid: '' })), expected: NO_UID },
  {
    title: 'a uid that is longer than any',
    body: JSON.stringify(podReview({ uid: 'u'.repeat(2_049) })),
    expected: { ...NO_UID, message: 'request.uid: expected up to 2048 characters, found more' },
  },
  { title: 'a uid that is a number', body: JSON.stringify(podReview({ uid: 7 })), expected: NO_UID },
  { title: 'another content type', headers: { 'content-type': 'text/plain' }, expected: WRONG_TYPE },
  { title: 'a content type that is none', headers: { 'content-type': '/' }, expected: WRONG_TYPE },
  { title: 'a body without a content type', headers: {}, expected: WRONG_TYPE },
  {
    title: 'gzip',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(GOOD_BODY),
    expected: { status: 415, reason: 'content-type', message: 'expected a body without content encoding' },
  },
  { title: 'gzip that is not declared', body: gzipSync(GOOD_BODY), expected: NOT_JSON },
  { title: '7 MiB of brackets', body: '['.repeat(7 * MIB), expected: TOO_DEEP },
  {
    title: '100,000 brackets and as many closers',
    body: '['.repeat(100_000) + ']'.repeat(100_000),
    expected: TOO_DEEP,
  },
  {
    title: '7 MiB of empty lists',
    body: `[${'[],'.repeat((7 * MIB) / 3)}0]`,
    expected: tooComplex('a cost of more than 300000'),
  },
  { title: 'more than 100,000 values', body: `[${'1,'.repeat(100_000)}1]`, expected: TOO_COSTLY },
  { title: 'fewer values, which are parsed', body: `[${'1,'.repeat(99_997)}1]`, expected: NOT_A_REVIEW },
  {
    title: 'as many keys as a small body holds, which are parsed',
    body: `[${Array.from({ length: 3_000 }, (_, index) => `{"${index}":1}`).join()}]`,
    expected: NOT_A_REVIEW,
  },
  {
    title: '20,000 keys',
    body: JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]))),
    expected: TOO_COSTLY,
  },
  {
    title: 'a key of 5,000 characters',
    body: bodyOfSize(MIB).replace('"padding"', `"${'k'.repeat(5_000)}"`),
    expected: tooComplex('a key of more than 4096 characters'),
  },
  { title: 'a large body that is not UTF-8', body: Buffer.alloc(MIB, 0xff), expected: NOT_JSON },
  { title: '16 MiB and one byte more', body: bodyOfSize(16 * MIB + 1), expected: TOO_LARGE },
  {
    title: '16 MiB and one byte more in chunks',
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    body: bodyOfSize(16 * MIB + 1),
    expected: TOO_LARGE,
  },
  { title: 'GET of a path that takes POST', method: 'GET', body: '', expected: NOT_FOUND },
  { title: 'PUT of a path that takes POST', method: 'PUT', expected: NOT_FOUND },
  { title: 'an unknown path', path: '/mutate/', expected: NOT_FOUND },
  { title: 'a path that cannot be decoded', path: '/%zz', expected: NOT_FOUND },
];

const DECIDED = [
  { title: 'a good review', body: GOOD_BODY, allowed: true },
  {
    title: 'the same in chunks',
    body: GOOD_BODY,
    headers: { 'transfer-encoding': 'chunked' },
    allowed: true,
  },
  {
    title: 'a content type with a charset',
    body: GOOD_BODY,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    allowed: true,
  },
  { title: 'a path with a query', path: '/validate-pods?timeout=2s', body: GOOD_BODY, allowed: true },
  { title: 'exactly 16 MiB', body: bodyOfSize(16 * MIB), allowed: true },
  {
    title: 'exactly 16 MiB in chunks',
    body: bodyOfSize(16 * MIB),
    headers: { 'transfer-encoding': 'chunked' },
    allowed: true,
  },
  {
    title: '250-deep nesting',
    body: withObject(`{"metadata":{"annotations":{}},"spec":${'['.repeat(250)}${']'.repeat(250)}}`),
    allowed: true,
  },
  {
    title: '15,000-deep nesting in a small body',
    body: withObject(`{"metadata":{"annotations":{}},"spec":${'['.repeat(15_000)}${']'.repeat(15_000)}}`),
    allowed: true,
  },
  {
    title: 'keys named __proto__ and constructor anywhere',
    body: GOOD_BODY.replaceAll('{', '{"__proto__":{"allowed":true},"constructor":{"prototype":{"x":1}},'),
    allowed: false,
    code: 400,
  },
  {
    title: 'keys named __proto__ and constructor beside the annotations',
    body: GOOD_BODY.replace(
      '"spec":{',
      '"__proto__":{"a":1},"constructor":{"prototype":{"x":1}},"spec":{"__proto__":null,',
    ),
    allowed: true,
  },
  {
    title: 'a role that only a __proto__ names',
    body: withObject('{"metadata":{"annotations":{"__proto__":"x"}}}'),
    allowed: true,
  },
  {
    title: 'duplicate keys, of which the last counts',
    body: withObject(
      '{"metadata":{"annotations":{"k8s.aliyun.com/eci-ram-role-name":"payments-reader","k8s.aliyun.com/eci-ram-role-name":"other"}}}',
    ),
    allowed: false,
    code: 403,
  },
  {
    title: 'annotations that are null',
    body: withObject('{"metadata":{"annotations":null}}'),
    allowed: true,
  },
  {
    title: 'annotations that are a list',
    body: withObject('{"metadata":{"annotations":[]}}'),
    allowed: false,
    code: 400,
  },
  {
    title: 'an annotation that is a number',
    body: withObject('{"metadata":{"annotations":{"a":1}}}'),
    allowed: false,
    code: 400,
  },
  { title: 'no metadata', body: withObject('{}'), allowed: false, code: 400 },
  {
    title: 'a lone surrogate as role',
    body: GOOD_BODY.replace('payments-reader', '\\ud800'),
    allowed: false,
    code: 403,
  },
  {
    title: 'a NUL in a role',
    body: GOOD_BODY.replace('payments-reader', 'payments\\u0000reader'),
    allowed: false,
    code: 403,
  },
  {
    title: 'bytes that are not UTF-8 in a role',
    body: Buffer.from(GOOD_BODY.replace('payments-reader', 'payments\u{ff}'), 'latin1'),
    allowed: false,
    code: 403,
  },
];

suite('the admission server', () => {
  const cleanup = suiteCleanup();
  let webhook: StartedWebhook;

  // One server for all of them: each case also proves that it has survived the one before.
  before(async () => {
    webhook = await startTestWebhook(cleanup);
  });

  for (const { title, expected, ...options } of REJECTED) {
    test(`answers ${expected.status} to ${title}, and answers on`, async () => {
      const { status, headers, body } = await call(webhook, options);
      assert.deepEqual(
        { status, type: headers['content-type']?.split(';')[0], body: JSON.parse(body) },
        {
          status: expected.status,
          type: 'application/json',
          body: {
            kind: 'Status',
            apiVersion: 'v1',
            status: 'Failure',
            code: expected.status,
            message: expected.message,
          },
        },
      );
      assert.equal((await call(webhook)).status, 200);
    });
  }

  test('has counted each of them by its reason', async () => {
    const reasons = REJECTED.map(({ expected }) => expected.reason);
    for (const reason of new Set(reasons)) {
      assert.equal(
        await metric(webhook, `rejected_requests_total{reason="${reason}"}`),
        reasons.filter((other) => other === reason).length,
      );
    }
  });

  for (const { title, allowed, code, headers, ...options } of DECIDED.map((row) => ({
    headers: {},
    code: undefined,
    ...row,
  }))) {
    test(`decides ${title}`, async () => {
      const answer = await call(webhook, {
        ...options,
        headers: { 'content-type': 'application/json', ...headers },
      });
      const { response } = JSON.parse(answer.body);
      assert.equal(answer.status, 200);
      assert.deepEqual([response.uid, response.allowed, response.status?.code], ['uid-1', allowed, code]);
    });
  }

  for (const uid of ['"\\\n\u{0}\u{1b}[31m', '\u{d800}', '__proto__', '../..', 'é😀', 'x'.repeat(2_048)]) {
    test(`answers to the uid ${JSON.stringify(uid.slice(0, 20))}`, async () => {
      const answer = await call(webhook, { body: JSON.stringify(podReview({ uid })) });
      assert.equal(JSON.parse(answer.body).response.uid, uid);
    });
  }

  test('never compresses, redirects, or asks to come back later', async () => {
    const { headers } = await call(webhook, {
      headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip, br, zstd' },
    });
    assert.deepEqual(Object.keys(headers).sort(), ['connection', 'content-length', 'content-type', 'date']);
  });

  test('closes a connection whose body arrives at a byte a second, and answers others meanwhile', async () => {
    const slow = await openTlsConnection(webhook);
    slow.socket.write(
      'POST /mutate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n',
    );
    const trickle = setInterval(() => slow.socket.write('x'), 1_000);
    try {
      while (await Promise.race([slow.closed.then(() => false), sleep(500, true)])) {
        assert.equal((await call(webhook)).status, 200);
      }
      assert.equal(await slow.closed, '');
    } finally {
      clearInterval(trickle);
      slow.socket.destroy();
    }
  });

  test('counts a body whose sender goes away, and nothing stays in flight', async () => {
    const aborted = 'rejected_requests_total{reason="aborted"}';
    const before = await metric(webhook, aborted);
    const { socket } = await openTlsConnection(webhook);
    socket.write(
      'POST /mutate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\nx',
    );
    await until('a request in flight', async () => (await metric(webhook, 'requests_in_flight')) === 1);
    socket.destroy();
    await until('its end', async () => (await metric(webhook, aborted)) === before + 1);
    assert.equal(await metric(webhook, 'requests_in_flight'), 0);
  });

  test('never logs a body', async () => {
    await call(webhook, { body: JSON.stringify(podReview({ spec: { password: SECRET } })) });
    const log = webhook.log.join('');
    assert.match(log, /"msg":"decided"/);
    assert.match(log, /"msg":"rejected"/);
    assert.doesNotMatch(log, new RegExp(SECRET));
  });
});

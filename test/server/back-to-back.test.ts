import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bodyOfSize, GOOD_BODY } from '../builders/pod-review.ts';
import { sendBackToBack } from '../support/back-to-back.ts';
import { startTestWebhook } from '../support/start-webhook.ts';

/** Node reads this much of a connection at once. */
const READ_BYTES = 64 * 1024;
/** TLS 1.3 adds this much to each record of 16 KiB. */
const TLS_BYTES = 22;

function requestWith(body: string): Buffer {
  return Buffer.from(
    `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** A whole request of this many bytes. */
function requestOf(bytes: number): Buffer {
  const head = requestWith(bodyOfSize(bytes)).length - bytes;
  return requestWith(bodyOfSize(bytes - head));
}

const REQUESTS = {
  'small bodies': [requestWith(GOOD_BODY)],
  'requests that fill a read to its last byte': [
    requestOf(READ_BYTES - 4 * TLS_BYTES),
    requestOf(2 * (READ_BYTES - 4 * TLS_BYTES)),
  ],
  'bodies of a multiple of 64 KiB': [requestOf(READ_BYTES), requestWith(bodyOfSize(READ_BYTES))],
};

suite('a client that sends each request as soon as it has the last answer', () => {
  for (const [name, requests] of Object.entries(REQUESTS)) {
    test(`is never closed: ${name}`, async (t) => {
      const webhook = await startTestWebhook(t);
      const count = 60;
      assert.deepEqual(await sendBackToBack(webhook, { connections: 16, count, requests }), {
        answers: 16 * count,
        closed: 0,
      });
    });
  }
});

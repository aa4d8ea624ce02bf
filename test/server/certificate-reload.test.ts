import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { makeCertificate, writeCertificate } from '../support/certificate.ts';
import { metric } from '../support/probe.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const FAILURES = 'certificate_reload_failures_total';
const SUCCESSFUL = 'certificate_last_reload_successful';
const EXPIRY = 'certificate_expiry_timestamp_seconds';

/** Resolves to a socket after its handshake. */
function shakeHands({ securePort, caPem }: StartedWebhook, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      servername: 'localhost',
      port: securePort,
      ca: caPem,
      ...options,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket.destroy()));
  });
}

const canCall = (webhook: StartedWebhook, caPem: string) => () =>
  call({ ...webhook, caPem }).then(
    ({ status }) => status === 200,
    () => false,
  );

suite('the serving certificate', { concurrency: true }, () => {
  test('is replaced for new connections, while old ones live on', async (t) => {
    const webhook = await startTestWebhook(t);
    const old = await openTlsConnection(webhook);
    const next = await makeCertificate(5);
    const expiry = await metric(webhook, EXPIRY);
    writeCertificate(webhook.directory, next);
    await until('the next certificate', canCall(webhook, next.caPem));

    await assert.rejects(call(webhook), /certificate/);
    old.socket.write(
      `POST /mutate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`,
    );
    await until('an answer on the old connection', () => old.received().startsWith('HTTP/1.1 200 '));
    old.socket.destroy();
    assert(Math.abs((await metric(webhook, EXPIRY)) - expiry - 3 * 86_400) < 60);
    assert.equal(webhook.log.filter((line) => line.includes('serving certificate reloaded')).length, 1);
    await assert.rejects(
      shakeHands(
        { ...webhook, caPem: next.caPem },
        { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      ),
    );
  });

  for (const { title, breakFiles, problem } of [
    {
      title: 'a certificate that is none',
      breakFiles: async (directory: string) => writeFileSync(join(directory, 'tls.crt'), 'nonsense'),
      problem: /--tls-cert-file: expected a PEM certificate, found none in /,
    },
    {
      title: 'a key that is none',
      breakFiles: async (directory: string) => writeFileSync(join(directory, 'tls.key'), ''),
      problem: /--tls-private-key-file: expected a PEM private key without a passphrase, found none in /,
    },
    {
      title: 'the key of another certificate',
      breakFiles: async (directory: string) =>
        writeFileSync(join(directory, 'tls.key'), (await makeCertificate()).keyPem),
      problem: /--tls-private-key-file: expected the key of the certificate in .*, found another in /,
    },
    {
      title: 'a key that is gone',
      breakFiles: async (directory: string) => rmSync(join(directory, 'tls.key')),
      problem: /--tls-private-key-file: expected a file that can be read, found ENOENT/,
    },
  ]) {
    test(`stays the last good one beside ${title}, until there is a good one again`, async (t) => {
      const webhook = await startTestWebhook(t);
      await breakFiles(webhook.directory);
      await until('a failure', async () => (await metric(webhook, FAILURES)) === 1);
      assert.equal((await call(webhook)).status, 200);
      assert.match(webhook.log.at(-2) ?? '', problem);
      assert.match(
        webhook.log.at(-2) ?? '',
        /"msg":"serving certificate not reloaded: the last good one stays in use"/,
      );

      assert.equal(await metric(webhook, SUCCESSFUL), 0);

      const next = await makeCertificate();
      writeCertificate(webhook.directory, next);
      await until('the next certificate', canCall(webhook, next.caPem));
      assert.equal(await metric(webhook, FAILURES), 1);
      assert.equal(await metric(webhook, SUCCESSFUL), 1);
    });
  }
});

suite('the admission port', { concurrency: true }, () => {
  test('refuses TLS 1.1', async (t) => {
    const webhook = await startTestWebhook(t);
    await assert.rejects(
      shakeHands(webhook, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      /protocol version/,
    );
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`speaks ${version}, and HTTP/1.1 alone`, async (t) => {
      const webhook = await startTestWebhook(t);
      const socket = await shakeHands(webhook, {
        minVersion: version,
        maxVersion: version,
        ALPNProtocols: ['h2', 'http/1.1'],
      });
      assert.equal(socket.alpnProtocol, 'http/1.1');
      await assert.rejects(shakeHands(webhook, { ALPNProtocols: ['h2'] }), /application protocol/);
    });
  }
});

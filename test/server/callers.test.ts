// Routes that make callers wait learn their address and their departure, and may give no decision.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { NOT_DECIDED } from '../../src/admission/decision.ts';
import { type Caller, type DecideRequest, UndecidedError } from '../../src/admission/route.ts';
import { serveAdmission } from '../../src/http/admission-server.ts';
import { createHttpsServer, listen } from '../../src/http/https-server.ts';
import { createLoggerTo } from '../../src/observability/logger.ts';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { makeCertificate } from '../support/certificate.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

/** Serves one path, and tells of each request that is rejected. */
async function serve(t: Cleanup, decide: DecideRequest) {
  const { certPem: cert, keyPem: key, caPem } = await makeCertificate();
  const server = createHttpsServer({ cert, key });
  const rejected: string[] = [];
  await serveAdmission({
    server,
    routes: { '/validate-pods': decide },
    observer: {
      countDecision: () => undefined,
      countBreakGlass: () => undefined,
      countRejected: (reason) => rejected.push(reason),
      requestStarted: () => undefined,
      requestEnded: () => undefined,
    },
    logger: createLoggerTo({ write: () => undefined }, 'info'),
  });
  const securePort = await listen(server, { address: '127.0.0.1', port: 0, flag: 'secure-port' });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { securePort, caPem, rejected };
}

suite('a route that makes callers wait', { concurrency: true }, () => {
  test('learns the address of each caller', async (t) => {
    const addresses: string[] = [];
    const target = await serve(t, async (_, getCaller) => {
      addresses.push(getCaller().address);
      return NOT_DECIDED;
    });
    await call(target, { localAddress: '127.0.0.2' });
    await call(target, { localAddress: '127.0.0.3' });
    assert.deepEqual(addresses, ['127.0.0.2', '127.0.0.3']);
  });

  test('learns that a caller is gone', async (t) => {
    const waiting = Promise.withResolvers<Caller>();
    const target = await serve(t, (_, getCaller) => {
      waiting.resolve(getCaller());
      return new Promise((_, reject) =>
        getCaller().onGone(() => reject(new UndecidedError('aborted', 'the connection was closed'))),
      );
    });
    const { socket } = await openTlsConnection(target);
    socket.write(
      `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`,
    );
    await waiting.promise;
    socket.destroy();
    await until('its departure', () => target.rejected[0] === 'aborted');
  });

  test('rejects with 503 if too many wait: no Retry-After, and the next call may reach another replica', async (t) => {
    const target = await serve(t, async () => {
      throw new UndecidedError('too-many-bindings', 'too many Bindings at once; try again');
    });
    const { status, headers, body } = await call(target);
    assert.deepEqual([status, headers.connection, headers['retry-after']], [503, 'close', undefined]);
    assert.equal(JSON.parse(body).message, 'too many Bindings at once; try again');
    assert.deepEqual(target.rejected, ['too-many-bindings']);
  });
});

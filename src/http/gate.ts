import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Connection, forgetRequest, hasBegun, isAnswerTaken, NEVER, stateOf } from './connection.ts';
import { limitConnections, UNUSED_GRACE_MS } from './connections.ts';

/** Longer than the 90 s for which the API server keeps idle connections, so that it is the one that closes them. */
const KEEP_ALIVE_MS = 120_000;

/** The options of a server behind a gate. */
export const GATED_SERVER = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  // Node's clocks for requests begin when a connection opens, and so close those that Go opens in advance.
  headersTimeout: 0,
  requestTimeout: 0,
  // Node would answer such a request itself, and it would bypass the gate.
  requireHostHeader: false,
} as const;

const SWEEP_MS = 100;

/** While this process is too busy to read, the time of senders stands still: no sweep counts for more. */
const LONGEST_SWEEP_MS = 250;

export const CLOSING_REASONS = [
  'body-too-large',
  'not-found',
  'not-http',
  'pipelined',
  'timeout',
  'too-many-connections',
] as const;

/** Why the gate closes a connection. */
export type ClosingReason = (typeof CLOSING_REASONS)[number];

export type GateOptions = Readonly<{
  maxConnections: number;
  /** The time for head and body of a request, from its first byte on. The answer must be read in twice this time. */
  requestTimeoutMs: number;
  /** The bytes that are read for one request, with those of its framing and of TLS. */
  maxRequestBytes: number;
  /** Whether a request with this head is read and answered. If not, the gate closes the connection. */
  isAcceptable: (request: IncomingMessage) => boolean;
  onRequest: RequestListener;
  /** Called for each connection that the gate closes, with the address of its peer. */
  onClosed: (reason: ClosingReason, address: string) => void;
}>;

/** The gate in front of a server. */
export type Gate = Readonly<{
  /** Closes the connections that have not sent a request within the time of grace. */
  closeUnused: () => void;
}>;

/**
 * Puts a gate in front of an HTTP or HTTPS server, which has been created with `GATED_SERVER`.
 *
 * - A connection carries one request at a time. A request that was sent before the answer to the last one closes it.
 * - A request must arrive in time, and its answer must be read in time. No byte that arrives renews the time.
 * - At the limit of connections, another connection is closed for a new one.
 */
export function createGate(server: Server, options: GateOptions): Gate {
  const { maxConnections, requestTimeoutMs, maxRequestBytes, isAcceptable, onRequest, onClosed } = options;
  let now = 0;
  let clockReadAt = performance.now();
  let answers = 0;

  const connections = limitConnections(server, maxConnections, readClock, (address) =>
    onClosed('too-many-connections', address),
  );
  server.on('request', admit);
  // Without a listener, Node answers an unknown expectation itself, and the request bypasses the gate.
  server.on('checkExpectation', admit);
  server.on('clientError', refuse);
  const sweeping = setInterval(sweep, SWEEP_MS).unref();
  server.once('close', () => clearInterval(sweeping));

  return {
    closeUnused: () => {
      readClock();
      for (const connection of connections.all()) {
        if (stateOf(connection) === 'unused' && now - connection.openedAt > UNUSED_GRACE_MS) {
          connections.close(connection);
        }
      }
    },
  };

  function admit(request: IncomingMessage, response: ServerResponse): void {
    const connection = connections.of(request.socket);
    // After it is closed, the parser still reads the rest of the piece that has arrived.
    if (connection === undefined) {
      return;
    }
    if (connection.response !== undefined && !isAnswerTaken(connection)) {
      close(connection, 'pipelined');
      return;
    }
    if (!isAcceptable(request)) {
      close(connection, 'not-found');
      return;
    }
    if (connection.response !== undefined || connection.begunAt === NEVER) {
      connection.begunAt = now;
    }
    connection.response = response;
    connection.isAnswered = false;
    response.on('prefinish', noteAnswer);
    onRequest(request, response);
  }

  function noteAnswer(this: ServerResponse): void {
    const connection = connections.of(this.req.socket);
    if (connection !== undefined) {
      connection.isAnswered = true;
      connection.isAnsweredEarly = !this.req.complete && hasBody(this.req);
      connection.answerNumber = ++answers;
      connection.bytesRead = connection.socket.bytesRead;
    }
  }

  function refuse(error: Error, stream: Socket): void {
    const connection = connections.of(stream);
    if (connection !== undefined && isSyntaxError(error)) {
      close(connection, 'not-http');
    } else {
      stream.destroy();
    }
  }

  function sweep(): void {
    readClock();
    for (const connection of connections.all()) {
      if (connection.stream !== undefined) {
        check(connection);
      }
    }
  }

  function check(connection: Connection): void {
    const { response, socket, isAnswered } = connection;
    if (response !== undefined) {
      const { complete } = response.req;
      if (!(isAnswered && complete && response.writableFinished)) {
        if (now - connection.begunAt > (complete ? 2 * requestTimeoutMs : requestTimeoutMs)) {
          close(connection, 'timeout');
        } else if (!complete && socket.bytesRead - connection.bytesRead > maxRequestBytes) {
          close(connection, 'body-too-large');
        }
        return;
      }
      forgetRequest(connection);
    }

    if (connection.begunAt !== NEVER) {
      if (now - connection.begunAt > requestTimeoutMs) {
        close(connection, 'timeout');
      }
    } else if (hasBegun(connection)) {
      connection.begunAt = now;
    } else if (!isAnswered && now - connection.openedAt > KEEP_ALIVE_MS) {
      connections.close(connection);
    }
  }

  function close(connection: Connection, reason: ClosingReason): void {
    connections.close(connection);
    onClosed(reason, connection.address);
  }

  function readClock(): number {
    const elapsed = performance.now() - clockReadAt;
    clockReadAt += elapsed;
    now += Math.min(elapsed, LONGEST_SWEEP_MS);
    return now;
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** What arrived is not HTTP; not that the sender went away. */
function isSyntaxError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE';
}

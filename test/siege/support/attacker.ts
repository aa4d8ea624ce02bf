import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, createSecureContext } from 'node:tls';
import type { Address } from './attack.ts';

/** Attackers have other addresses than the honest client, which comes from 127.0.0.2. */
const FIRST_ADDRESS = 3;
/** Keeps the pace at some hundred handshakes a second, so that the client takes no more of the cores than the webhook. */
const HANDSHAKES_AT_ONCE = 8;
const PAUSE_MS = 1_000;

/** The connections of this process: opened ever, opened or refused ever, and how many an attack begins with. */
export const progress = { opened: 0, tried: 0, expected: 0 };

/** How an attacker connects. */
export type Opener = () => Promise<Socket | undefined>;

/** Made once, because each costs as much as a handshake. */
const SECURE_CONTEXT = createSecureContext();

/** Opens a TLS connection; undefined if the webhook does not let it in. The addresses take turns. */
export function tlsTo(address: Address, addresses = 1, options: ConnectionOptions = {}): Opener {
  const next = takeTurns(addresses);
  return () =>
    opened(
      connectTls({
        ...address,
        rejectUnauthorized: false,
        secureContext: SECURE_CONTEXT,
        ...options,
        ...next(),
      }),
      'secureConnect',
    );
}

/** Opens a plain connection. */
export function tcpTo(address: Address, addresses = 1): Opener {
  const next = takeTurns(addresses);
  return () => opened(connectTcp({ ...address, ...next() }), 'connect');
}

function takeTurns(addresses: number): () => { localAddress: string } {
  let turn = 0;
  return () => ({ localAddress: `127.0.0.${FIRST_ADDRESS + (turn++ % addresses)}` });
}

function opened(socket: Socket, event: string): Promise<Socket | undefined> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once(event, () => {
      progress.opened++;
      progress.tried++;
      resolve(socket);
    });
    socket.once('close', () => {
      progress.tried++;
      resolve(undefined);
    });
  });
}

/** Resolves when the other side has closed the connection, or the time is over. */
export function closedOr(socket: Socket, ms: number, signal: AbortSignal): Promise<unknown> {
  if (socket.destroyed) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    socket.once('close', resolve);
    void sleep(ms, undefined, { signal }).then(resolve, resolve);
  });
}

/** How connections are kept. */
export type Keeping = Readonly<{
  open: Opener;
  count: number;
  /** What is sent on a new connection. Without it, nothing is. */
  use?: (socket: Socket, signal: AbortSignal) => unknown;
  /** The age at which a connection is given up for a new one. */
  renewMs?: number;
  signal: AbortSignal;
}>;

/** Keeps a number of connections open until the time is over. One that the webhook closes comes back after a second. */
export async function keepOpen({ open, count, use, renewMs = 600_000, signal }: Keeping): Promise<void> {
  progress.expected += count;
  const takeTurn = createTurns(HANDSHAKES_AT_ONCE);
  const keepOne = async () => {
    while (!signal.aborted) {
      const socket = await takeTurn(open);
      if (socket !== undefined) {
        socket.resume();
        use?.(socket, signal);
        await closedOr(socket, renewMs, signal);
        if (!socket.destroyed) {
          socket.destroy();
          continue;
        }
      }
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: count }, keepOne));
}

/** Lets a number of actions run at once; the others wait in turn. */
function createTurns(atOnce: number): <Result>(action: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (action) => {
    if (running >= atOnce) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running++;
    try {
      return await action();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}

/** Writes all of it, as fast as the other side reads. Resolves when it is written, or cannot be. */
export function writeAll(socket: Socket, bytes: Buffer | string): Promise<unknown> {
  return new Promise((resolve) => {
    socket.write(bytes, resolve);
  });
}

/** Sends a request on a connection of its own and waits until it is answered or refused. */
export async function send(open: Opener, request: Buffer, signal: AbortSignal): Promise<void> {
  const socket = await open();
  if (socket === undefined) {
    return;
  }
  const answered = new Promise((resolve) => {
    socket.once('data', resolve);
  });
  socket.write(request);
  await Promise.race([answered, closedOr(socket, 10_000, signal)]);
  socket.destroy();
}

/** Sends requests in turn, each as soon as the one before is answered and a pause is over. */
export async function sendInTurn(
  open: Opener,
  requests: readonly Buffer[],
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  progress.expected++;
  for (let turn = 0; !signal.aborted; turn++) {
    const request = requests[turn % requests.length];
    if (request !== undefined) {
      await send(open, request, signal);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

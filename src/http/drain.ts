import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitedConnections } from './limit-connections.ts';

const SWEEP_INTERVAL_MS = 100;

/** The API server waits up to three seconds for an answer: whoever is not done after that is not waited for. */
const HARD_DEADLINE_MS = 5_000;

/**
 * Stops a server without losing a call: for `delayMs` it goes on answering, each time telling the caller to
 * close the connection, while the endpoints of the Service forget this server. Then it stops listening, closes
 * idle and silent connections as they become so, and the rest at a hard deadline.
 */
export async function drain(
  server: Server,
  { closeSilent }: LimitedConnections,
  delayMs: number,
): Promise<void> {
  server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  await sleep(delayMs);

  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    // To Node a connection that has never sent anything is not idle.
    closeSilent();
  }, SWEEP_INTERVAL_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
    resolve();
  }, HARD_DEADLINE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}

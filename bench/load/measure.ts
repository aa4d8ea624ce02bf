import { percentile } from '../statistics.ts';
import type { Connection } from './connection.ts';
import type { PreparedRequest } from './requests.ts';

/** Beyond its time a round gets this long for the last answers. */
const PATIENCE_MS = 10_000;

export type Measurement = Readonly<{
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** The share of the time in which the client was busy: near 1, it is the client that was measured. */
  clientShare: number;
  /** The server's processor time for one request; not a number where the platform does not tell. */
  serverMicroseconds: number;
}>;

/**
 * Sends requests over all connections at once for some time, each connection its own request as soon as the
 * answer to the one before is there.
 *
 * @throws at the first error or wrong answer
 */
export async function measure(
  connections: readonly Connection[],
  requests: readonly PreparedRequest[],
  durationMs: number,
  serverCpuSeconds: () => number | undefined,
): Promise<Measurement> {
  const latencies: number[] = [];
  const serverCpuBefore = serverCpuSeconds() ?? Number.NaN;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), durationMs + PATIENCE_MS);

  try {
    await Promise.race([late, Promise.all(connections.map(repeat))]);
  } finally {
    clearTimeout(timer);
  }

  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (latencies.length / elapsedMs) * 1_000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    serverMicroseconds:
      (((serverCpuSeconds() ?? Number.NaN) - serverCpuBefore) / latencies.length) * 1_000_000,
    clientShare: (user + system) / 1_000 / elapsedMs,
  };

  function repeat(connection: Connection, index: number): Promise<void> {
    const request = requests[index];
    if (request === undefined) {
      throw new Error('expected a request for each connection');
    }
    return new Promise((resolve, onError) => {
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        connection.send(request.bytes, { onAnswer, onError });
      };
      const onAnswer = (status: number, body: Buffer) => {
        const now = performance.now();
        latencies.push(now - sentAt);
        try {
          request.check(status, body);
        } catch (error) {
          onError(error);
          return;
        }
        if (now < endsAt) {
          send();
        } else {
          resolve();
        }
      };
      send();
    });
  }
}

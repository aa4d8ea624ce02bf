import { createSecureContext } from 'node:tls';
import { type Connection, openConnection, type Target } from './load/connection.ts';
import { type Handshakes, measureHandshakes } from './load/handshakes.ts';
import { type Measurement, measure } from './load/measure.ts';
import { type PreparedRequest, prepareRequest } from './load/requests.ts';
import type { ReviewCase } from './reviews.ts';
import type { Contestant } from './servers/contestants.ts';
import type { RunningServer } from './servers/start-server.ts';
import type { Settings } from './settings.ts';

/** A server that runs, and the connections to it. */
export type Racer = Readonly<{
  contestant: Contestant;
  server: RunningServer;
  target: Target;
  connections: readonly Connection[];
  /** Its memory before it was ever called. */
  idleBytes: number | undefined;
}>;

export function leave({ connections, server }: Racer): Promise<void> {
  for (const connection of connections) {
    connection.close();
  }
  return server.stop();
}

export async function enter(
  contestant: Contestant,
  server: RunningServer,
  authorityPem: string,
  { connections }: Settings,
): Promise<Racer> {
  const idleBytes = server.residentBytes();
  const target = { port: server.port, secureContext: createSecureContext({ ca: authorityPem }) };
  return {
    contestant,
    server,
    target,
    idleBytes,
    connections: await Promise.all(Array.from({ length: connections }, () => openConnection(target))),
  };
}

/** Has all servers answer the same reviews, turn by turn; of each the measurement of every round. */
export async function raceReviews(
  racers: readonly Racer[],
  reviewCase: ReviewCase,
  { rounds, roundMs, warmUpMs }: Settings,
): Promise<readonly (readonly Measurement[])[]> {
  const requests = new Map(racers.map((racer) => [racer, prepareRequests(racer, reviewCase)]));
  const run = (racer: Racer, ms: number) =>
    measure(racer.connections, requests.get(racer) ?? [], ms, racer.server.cpuSeconds);
  for (const racer of racers) {
    await run(racer, warmUpMs);
  }
  return takeTurns(racers, rounds, (racer) => run(racer, roundMs));
}

export function raceHandshakes(
  racers: readonly Racer[],
  { handshakeRounds, roundMs }: Settings,
): Promise<readonly (readonly Handshakes[])[]> {
  return takeTurns(racers, handshakeRounds, ({ target, server }) =>
    measureHandshakes(target, server.cpuSeconds, roundMs),
  );
}

/** Every round starts with another one, so that nobody always comes after the same. */
async function takeTurns<Result>(
  racers: readonly Racer[],
  rounds: number,
  run: (racer: Racer) => Promise<Result>,
): Promise<readonly (readonly Result[])[]> {
  const results = racers.map((): Result[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < racers.length; turn++) {
      const index = (round + turn) % racers.length;
      const racer = racers[index];
      if (racer !== undefined) {
        results[index]?.push(await run(racer));
      }
    }
  }
  return results;
}

function prepareRequests({ connections }: Racer, reviewCase: ReviewCase): readonly PreparedRequest[] {
  return connections.map((_, index) =>
    prepareRequest(reviewCase, `6c5f4e2a-0000-4c1b-9a52-${String(index).padStart(12, '0')}`),
  );
}

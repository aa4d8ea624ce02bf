import { openSocket, type Target } from './connection.ts';

const AT_ONCE = 8;

export type Handshakes = Readonly<{
  perSecond: number;
  /** What one core would do if it did nothing else; undefined where the platform does not tell. */
  perServerCpuSecond: number | undefined;
}>;

/** Opens and closes TLS connections for some time, each by a full handshake. */
export async function measureHandshakes(
  target: Target,
  serverCpuSeconds: () => number | undefined,
  durationMs: number,
): Promise<Handshakes> {
  let count = 0;
  const cpuBefore = serverCpuSeconds();
  const startedAt = performance.now();

  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() < startedAt + durationMs) {
        const socket = await openSocket(target);
        socket.destroy();
        count++;
      }
    }),
  );

  const cpuAfter = serverCpuSeconds();
  return {
    perSecond: (count / (performance.now() - startedAt)) * 1_000,
    perServerCpuSecond:
      cpuBefore === undefined || cpuAfter === undefined ? undefined : count / (cpuAfter - cpuBefore),
  };
}

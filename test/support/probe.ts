import { setTimeout as sleep } from 'node:timers/promises';

/** The server renders its metrics again after this long. */
const METRICS_SHARED_MS = 1_000;

/** Gets a path of the probe port. */
export async function probe(
  { probePort }: Readonly<{ probePort: number }>,
  path: string,
): Promise<Readonly<{ status: number; type: string | null; body: string }>> {
  const response = await fetch(`http://127.0.0.1:${probePort}${path}`, { headers: { connection: 'close' } });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** The present value of one series of `/metrics`, such as `requests_in_flight`; 0 if there is none yet. */
export async function metric(target: Readonly<{ probePort: number }>, series: string): Promise<number> {
  await sleep(METRICS_SHARED_MS);
  const { body } = await probe(target, '/metrics');
  const line = body.split('\n').find((line) => line.startsWith(`eci_ram_role_webhook_${series} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

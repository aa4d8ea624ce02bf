import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address, Replica } from './attack.ts';

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 1_000;
/** Kubernetes' failureThreshold of a probe that sets none. */
const FAILURE_THRESHOLD = 3;

/** The probes of a replica while it was under attack. */
export type ProbeRecord = Readonly<{ asked: number; missed: number; isLost: boolean }>;

/** Asks `/livez` and `/readyz` each second on new connections until the signal. A probe is lost by three misses in a row. */
export async function probeUntil(replicas: readonly Replica[], signal: AbortSignal): Promise<ProbeRecord> {
  let asked = 0;
  let missed = 0;
  let isLost = false;
  const follow = async (address: Address, path: string) => {
    let inARow = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      asked++;
      if (await answers(address, path)) {
        inARow = 0;
      } else {
        missed++;
        inARow++;
        isLost ||= inARow >= FAILURE_THRESHOLD;
      }
      const pauseMs = Math.max(0, startedAt + INTERVAL_MS - performance.now());
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all(replicas.flatMap(({ probes }) => [follow(probes, '/livez'), follow(probes, '/readyz')]));
  return { asked, missed, isLost };
}

function answers(address: Address, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ ...address, path, agent: false });
    const timer = setTimeout(() => asked.destroy(new Error('too late')), TIMEOUT_MS);
    asked.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200));
    });
    asked.once('error', () => resolve(false));
    asked.once('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
    asked.end();
  });
}

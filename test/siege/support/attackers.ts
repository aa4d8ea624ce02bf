import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, Replica } from './attack.ts';
import { startChild } from './child.ts';

/** The process of the attackers. */
export type Attackers = Readonly<{
  /** Resolves when the attack has had all its connections for its duration, or has nothing left to send. */
  over: Promise<unknown>;
  /** Resolves to what they report. */
  stop: () => Promise<AttackReport>;
}>;

export type AttackReport = Readonly<{
  /** How many connections were opened. */
  opened: number;
  /** What was wrong for clients that only look like attackers; empty if nothing. */
  complaint: string;
}>;

const DURATION_MS = 5_000;
/** Even if all was sent before. */
const LEAST_DURATION_MS = 4_000;
/** How long attackers may take to open all their connections. */
const STRENGTH_MS = 20_000;
const REPORT_MS = 5_000;

/** Lets the attackers loose on replicas. */
export function startAttackers(
  { name, run, durationMs = DURATION_MS }: Attack,
  replicas: readonly Replica[],
): Attackers {
  if (run === undefined) {
    return { over: sleep(durationMs), stop: async () => ({ opened: 0, complaint: '' }) };
  }
  const targets = replicas.map(({ admission, probes }) => ({ admission, probes }));
  const child = startChild(join(import.meta.dirname, 'attacker-main.ts'), [name, JSON.stringify(targets)]);
  const heard = new Map<unknown, () => void>();
  const hear = (message: string) => new Promise<void>((resolve) => heard.set(message, resolve));
  const [atStrength, done] = [hear('at strength'), hear('done')];
  const report = Promise.withResolvers<AttackReport>();
  void listen().catch(report.reject);
  report.promise.catch(() => undefined);
  return {
    over: last(),
    stop: async () => {
      child.send({});
      const silent = sleep(REPORT_MS).then(() => ({ opened: Number.NaN, complaint: '' }));
      const reported = await Promise.race([report.promise, silent]);
      await child.stop();
      return reported;
    },
  };

  async function last(): Promise<void> {
    await Promise.race([atStrength, sleep(STRENGTH_MS)]);
    await Promise.all([sleep(LEAST_DURATION_MS), Promise.race([done, sleep(durationMs)])]);
  }

  async function listen(): Promise<void> {
    for (;;) {
      const message = await child.receive();
      heard.get(message)?.();
      if (isReport(message)) {
        report.resolve(message);
      }
    }
  }
}

function isReport(message: unknown): message is AttackReport {
  return typeof message === 'object' && message !== null && 'opened' in message;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from './attack.ts';
import { type AttackReport, startAttackers } from './attackers.ts';
import { askHonestly, type Fortune } from './honest-client.ts';
import type { Installation } from './installation.ts';
import { type ProbeRecord, probeUntil } from './kubelet.ts';
import type { WebhookProcess } from './webhook-process.ts';

/** How long a replica may take to give memory back. */
const RECOVERY_MS = 15_000;
/** A heap that has grown once keeps some of its pages; attacks that share replicas would show a leak. */
const RECOVERED_SHARE = 1.5;
const RECOVERED_BYTES = 200 * 1024 * 1024;

/** What an attack did to an installation. */
export type Outcome = AttackReport &
  Readonly<{
    attack: string;
    control: Fortune;
    honest: Fortune;
    probes: ProbeRecord;
    /** How processes of the webhook ended. */
    ends: readonly string[];
    memory: MemoryRecord;
    /** The most connections to the API server at once. */
    apiConnections: number;
  }>;

/** Resident memory of the replica that had the most, in bytes. */
export type MemoryRecord = Readonly<{ before: number; peak: number; after: number; isRecovered: boolean }>;

/** Lets an attack loose on an installation, while the honest client asks and a kubelet probes. */
export async function besiege(
  attack: Attack,
  { replicas, apiServer }: Installation,
  control: Fortune,
): Promise<Outcome> {
  const { name, honest: kinds = ['pod'] } = attack;
  const endsBefore = replicas.map(({ ends }) => ends().length);
  const before = residentBytes(replicas);
  if (attack.lists === undefined) {
    for (const { resetPeak } of replicas) {
      resetPeak();
    }
  }
  await apiServer?.countConnections();

  const over = new AbortController();
  const probing = probeUntil(replicas, over.signal);
  const asking = askHonestly(replicas, kinds, over.signal);
  const attackers = startAttackers(attack, replicas);
  apiServer?.change(name);
  await attackers.over;
  over.abort();
  const [honest, probes] = await Promise.all([asking, probing]);
  const report = await attackers.stop();
  await apiServer?.rest();

  const { after, isRecovered } = await recover(replicas, before);
  const peak = Math.max(...replicas.map(({ peakBytes }) => peakBytes()));
  return {
    ...report,
    attack: name,
    control,
    honest,
    probes,
    ends: replicas.flatMap(({ ends }, index) => ends().slice(endsBefore[index])),
    memory: { before, peak, after, isRecovered },
    apiConnections: (await apiServer?.countConnections()) ?? 0,
  };
}

/** Waits until memory is back, or the time for it is over. */
async function recover(
  replicas: readonly WebhookProcess[],
  before: number,
): Promise<Pick<MemoryRecord, 'after' | 'isRecovered'>> {
  const deadline = performance.now() + RECOVERY_MS;
  for (;;) {
    await sleep(250);
    const after = residentBytes(replicas);
    const isRecovered = after <= Math.max(before * RECOVERED_SHARE, RECOVERED_BYTES);
    if (isRecovered || performance.now() > deadline) {
      return { after, isRecovered };
    }
  }
}

function residentBytes(replicas: readonly WebhookProcess[]): number {
  return Math.max(...replicas.map((replica) => replica.residentBytes()));
}

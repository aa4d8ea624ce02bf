import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from './attack.ts';
import { startChild } from './child.ts';
import { askHonestly, type Fortune } from './honest-client.ts';
import type { Installation } from './installation.ts';
import { type ProbeRecord, probeUntil } from './kubelet.ts';

const DEFAULT_DURATION_MS = 8_000;
/** How long a replica may take to give memory back. */
const RECOVERY_MS = 15_000;
/** How long attackers may take to end. */
const COMPLAINT_MS = 2_000;
const MIB = 1024 * 1024;
/** A heap that has grown once keeps some of its pages. */
const RECOVERED_SHARE = 1.5;

/** What an attack did to an installation. */
export type Outcome = Readonly<{
  attack: string;
  control: Fortune;
  honest: Fortune;
  probes: ProbeRecord;
  /** How processes of the webhook ended. */
  ends: readonly string[];
  /** Of the replica that used the most, in bytes. */
  beforeBytes: number;
  peakBytes: number;
  afterBytes: number;
  /** Whether memory came back in time. */
  isRecovered: boolean;
  apiConnections: number | undefined;
  /** What clients complain about that only look like attackers. */
  complaint: string;
}>;

/** Lets an attack loose on an installation, while the honest client asks and a kubelet probes. */
export async function besiege(
  attack: Attack,
  { replicas, apiServer }: Installation,
  control: Fortune,
): Promise<Outcome> {
  const { name, honest: kinds = ['pod'], durationMs = DEFAULT_DURATION_MS } = attack;
  const endsBefore = replicas.map(({ ends }) => ends().length);
  const beforeBytes = Math.max(...replicas.map(({ residentBytes }) => residentBytes()));
  for (const { resetPeak } of replicas) {
    resetPeak();
  }
  await apiServer?.countConnections();

  const probing = new AbortController();
  const probed = probeUntil(replicas, probing.signal);
  const ports = replicas.map(({ securePort, probePort }) => ({ securePort, probePort }));
  const attacker =
    attack.run === undefined
      ? undefined
      : startChild(join(import.meta.dirname, 'attacker-main.ts'), [
          name,
          JSON.stringify(ports),
          String(durationMs),
        ]);
  const complaint = attacker?.receive() ?? Promise.resolve('');
  apiServer?.change(name, durationMs);
  const honest = await askHonestly(replicas, kinds, durationMs);
  const heard = await Promise.race([complaint, sleep(COMPLAINT_MS, '')]);
  await attacker?.stop();
  probing.abort();
  const probes = await probed;
  const isBack = (bytes: number) => bytes <= Math.max(beforeBytes * RECOVERED_SHARE, 150 * MIB);
  const deadline = performance.now() + RECOVERY_MS;
  let afterBytes = Number.POSITIVE_INFINITY;
  do {
    await sleep(250);
    afterBytes = Math.max(...replicas.map(({ residentBytes }) => residentBytes()));
  } while (!isBack(afterBytes) && performance.now() < deadline);

  const peakBytes = Math.max(...replicas.map((replica) => replica.peakBytes()));
  const ends = replicas.flatMap((replica, index) => replica.ends().slice(endsBefore[index]));
  return {
    attack: name,
    control,
    honest,
    probes,
    ends,
    beforeBytes,
    peakBytes,
    afterBytes,
    isRecovered: isBack(afterBytes),
    apiConnections: await apiServer?.countConnections(),
    complaint: heard,
  };
}

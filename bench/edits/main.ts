// Measures the allowlists of a cluster while they change: memory, event-loop delay, and how soon an edit is in force. Runs in
// a process of its own, with the heap limit that Node chooses in a container of 512 MiB.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createPolicyMetrics } from '../../src/observability/policy-metrics.ts';
import { createPolicyStore } from '../../src/policy-store.ts';
import { startClusterSource } from '../../src/sources/cluster/source.ts';
import { createMemoryApiServer } from './api-server.ts';
import { SHAPES, type Shape } from './shapes.ts';

const EDITS_PER_SECOND = 100;
const MIB = 1024 * 1024;
const ignore = () => undefined;
const isSmoke = process.argv.includes('--smoke');
const seconds = isSmoke ? 1 : 20;

const shapes = SHAPES.map((shape) => (isSmoke ? { ...shape, count: 20 } : shape));
const only = process.argv.find((argument) => argument.startsWith('--shape='))?.slice('--shape='.length);
for (const shape of shapes.filter(({ name }) => only === undefined || name === only)) {
  await measure(shape);
}
process.exit(0);

async function measure({ name, count, specOf, nameOf }: Shape): Promise<void> {
  const base = heapInUse();
  const server = createMemoryApiServer();
  for (let index = 0; index < count; index++) {
    server.write(nameOf(index), specOf(index, 0));
  }
  const registry = new Registry();
  const settings = { unlistedNamespaces: 'Deny', protectedRoles: ['KubernetesWorkerRole-*'] } as const;
  const logger = pino({ level: 'silent' });
  const store = createPolicyStore(
    { ...settings, eciDetection: 'markers' },
    createPolicyMetrics(registry),
    logger,
  );
  const stored = heapInUse();
  const started = process.cpuUsage();
  const source = startClusterSource({
    ...{ client: server.client, logger },
    observer: {
      ...{
        recordContact: ignore,
        countRestart: ignore,
        recordSynced: ignore,
        recordCrdOutdated: ignore,
        recordHeld: ignore,
      },
    },
    bounds: {
      maxEntries: 500_000,
      delegations: [{ listNamePrefix: 'team-a-', maxEntries: undefined, namespaces: ['team-a', 'team-a-*'] }],
    },
  });
  const use = (changes: Awaited<typeof source.first>) => {
    store.apply(changes);
    source.report(store.policy);
  };
  use(await source.first);
  source.watch(use);
  const loaded = process.cpuUsage(started);
  const steady = heapInUse();
  const entries = [...store.policy.allowlists.values()].reduce(
    (sum, { spec }) => sum + (spec.namespaces?.length ?? 0) + spec.roles.length,
    0,
  );

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const before = process.cpuUsage();
  const latencies: number[] = [];
  let peakBytes = 0;
  for (let edit = 0; edit < seconds * EDITS_PER_SECOND; edit++) {
    const index = (edit * 7919) % count;
    // One over its bound is never in force.
    const isInForce = editInForce(nameOf(index)) >= 0;
    const written = performance.now();
    server.write(nameOf(index), specOf(index, edit + 1));
    while (isInForce && editInForce(nameOf(index)) !== edit + 1) {
      await sleep(1);
    }
    latencies.push(performance.now() - written);
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
    await sleep(Math.max(0, 1_000 / EDITS_PER_SECOND - (performance.now() - written)));
  }
  delay.disable();
  const spent = process.cpuUsage(before);
  const cpuOf = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;
  latencies.sort((a, b) => a - b);
  console.log(
    [
      `${name}: ${store.policy.allowlists.size} of ${count} allowlists held, ${entries} patterns in force`,
      `  load: ${cpuOf(loaded).toFixed(0)} ms of CPU; memory: ${((steady - stored) / MIB).toFixed(1)} MiB, ${((steady - stored) / Math.max(1, entries)).toFixed(0)} bytes a pattern`,
      `  ${latencies.length} edits: ${(cpuOf(spent) / latencies.length).toFixed(2)} ms of CPU each; in force after p50 ${at(latencies, 0.5)} ms, p99 ${at(latencies, 0.99)} ms`,
      `  event-loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`,
      `  RSS at most ${(peakBytes / MIB).toFixed(0)} MiB, with the stub's ${((stored - base) / MIB).toFixed(0)} MiB of objects; ${server.statusWrites()} statuses written`,
    ].join('\n'),
  );
  source.close();

  function editInForce(name: string): number {
    return Number(store.policy.allowlists.get(name)?.spec.reason ?? -1);
  }
}

function at(sorted: readonly number[], part: number): string {
  return (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1);
}

function heapInUse(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

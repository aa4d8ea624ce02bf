import { percentile } from '../../../bench/statistics.ts';
import type { Outcome } from './siege.ts';

const MIB = 1024 * 1024;
const MAX_BYTES = 400 * MIB;
const MIN_ANSWERED_SHARE = 0.99;
const MAX_LATENCY_FACTOR = 5;
/** Below this no latency is a problem: the noise of a shared machine reaches it. */
const LATENCY_FLOOR_MS = 250;
/** Watches, status, certificates and 32 readings of pods. */
const MAX_API_CONNECTIONS = 40;

/** What did not hold; empty if the attack failed. */
export function findBreaches(outcome: Outcome): readonly string[] {
  const { control, honest, probes, ends, memory } = outcome;
  const p99 = percentile(honest.latencies, 0.99);
  const maxP99 = Math.max(percentile(control.latencies, 0.99) * MAX_LATENCY_FACTOR, LATENCY_FLOOR_MS);
  const failures = [...honest.failures].map(([failure, count]) => `${count} × ${failure}`).join(', ');
  const rules: readonly (readonly [boolean, string])[] = [
    [ends.length === 0, `ended: ${ends.join(', ')}`],
    [
      honest.answered >= honest.asked * MIN_ANSWERED_SHARE,
      `${honest.answered} of ${honest.asked} honest requests answered: ${failures}`,
    ],
    [p99 <= maxP99, `p99 of ${Math.round(p99)} ms, expected at most ${Math.round(maxP99)} ms`],
    [memory.peak <= MAX_BYTES, `${toMib(memory.peak)} MiB at the peak`],
    [memory.isRecovered, `${toMib(memory.after)} MiB afterwards, ${toMib(memory.before)} MiB before`],
    [outcome.complaint === '', outcome.complaint],
    [!probes.isLost, `a probe lost: ${probes.missed} of ${probes.asked} missed`],
    [
      outcome.apiConnections <= MAX_API_CONNECTIONS,
      `${outcome.apiConnections} connections to the API server at once`,
    ],
  ];
  return rules.flatMap(([holds, breach]) => (holds ? [] : [breach]));
}

/** The table of all attacks, as text. */
export function formatOutcomes(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ attack, opened, control, honest, probes, ends, memory }) => [
    attack,
    String(opened),
    `${honest.answered}/${honest.asked}`,
    formatLatencies(honest.latencies),
    formatLatencies(control.latencies),
    `${probes.asked - probes.missed}/${probes.asked}`,
    `${toMib(memory.before)} → ${toMib(memory.peak)} → ${toMib(memory.after)}`,
    String(ends.length),
  ]);
  const heads = ['attack', 'opened', 'answered', 'p50/p99 ms', 'control', 'probes', 'MiB', 'restarts'];
  const widths = heads.map((head, column) =>
    Math.max(...[head, ...rows.map((row) => row[column] ?? '')].map(({ length }) => length)),
  );
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function formatLatencies(latencies: readonly number[]): string {
  return `${Math.round(percentile(latencies, 0.5))}/${Math.round(percentile(latencies, 0.99))}`;
}

function toMib(bytes: number): number {
  return Math.round(bytes / MIB);
}

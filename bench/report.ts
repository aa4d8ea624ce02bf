import type { AllowlistFigures } from './allowlists/figures.ts';
import type { Handshakes } from './load/handshakes.ts';
import type { Measurement } from './load/measure.ts';
import { median } from './statistics.ts';
import { formatCount, formatMiB, formatMs, formatRatio, printTable } from './table.ts';

/** What one server did in the rounds of one case. */
export type Rounds = readonly Measurement[];

/** All servers in one case, in the order of their names: ours, node:https, bare Fastify, ours with more logs. */
export type CaseFigures = Readonly<{ name: string; hasRole: boolean; servers: readonly Rounds[] }>;

export type ProcessFigures = Readonly<{
  name: string;
  startMs: readonly number[];
  idleBytes: number | undefined;
  loadedBytes: number | undefined;
  handshakes: readonly Handshakes[];
}>;

/** The median over all rounds of one server's requests per second by another's in the same round. */
function ratioOf(ours: Rounds = [], theirs: Rounds = []): number {
  return ratioOfFigures(ours, theirs, 'perSecond');
}

/** Where others use the machine too, processor time says more than the clock does; as for speed, more is better. */
export function ratioOfWork(ours: Rounds = [], theirs: Rounds = []): number {
  return ratioOfFigures(theirs, ours, 'serverMicroseconds');
}

function ratioOfFigures(some: Rounds, others: Rounds, figure: keyof Measurement): number {
  return median(
    some.map((measurement, round) => measurement[figure] / (others[round]?.[figure] ?? Number.NaN)),
  );
}

export function printReviews(names: readonly string[], cases: readonly CaseFigures[]): void {
  const [own = '', https = '', fastify = '', logged = ''] = names;
  printTable('Reviews per second', [
    ['', own, https, fastify, logged, `by ${https}`, `by ${fastify}`, 'info by warn', 'client busy'],
    ...cases.map(({ name, servers: [ours, ofHttps, ofFastify, ofLogged] }) => [
      name,
      ...[ours, ofHttps, ofFastify, ofLogged].map((rounds) => formatCount(middle(rounds, 'perSecond'))),
      formatRatio(ratioOf(ours, ofHttps)),
      formatRatio(ratioOf(ours, ofFastify)),
      formatRatio(ratioOf(ofLogged, ours)),
      `${Math.round(middle(ofHttps, 'clientShare') * 100)} %`,
    ]),
  ]);
  printTable('Processor time of the server for a review, in microseconds', [
    ['', ...names, `by ${https}`, `by ${fastify}`, `info by ${fastify}`],
    ...cases.map(({ name, servers }) => [
      name,
      ...servers.map((rounds) => formatMs(middle(rounds, 'serverMicroseconds'))),
      formatRatio(ratioOfWork(servers[0], servers[1])),
      formatRatio(ratioOfWork(servers[0], servers[2])),
      formatRatio(ratioOfWork(servers[3], servers[2])),
    ]),
  ]);
  printTable('Milliseconds to the answer, p50 / p99', [
    ['', ...names],
    ...cases.map(({ name, servers }) => [
      name,
      ...servers.map(
        (rounds) => `${formatMs(middle(rounds, 'p50Ms'))} / ${formatMs(middle(rounds, 'p99Ms'))}`,
      ),
    ]),
  ]);
}

export function printProcesses(figures: readonly ProcessFigures[]): void {
  printTable('Start, memory, TLS handshakes', [
    ['', 'ready ms', 'MiB idle', 'MiB after load', 'handshakes/s', '/s of server CPU'],
    ...figures.map(({ name, startMs, idleBytes, loadedBytes, handshakes }) => [
      name,
      formatMs(median(startMs)),
      formatMiB(idleBytes),
      formatMiB(loadedBytes),
      formatCount(median(handshakes.map(({ perSecond }) => perSecond))),
      formatCount(median(handshakes.map(({ perServerCpuSecond }) => perServerCpuSecond ?? Number.NaN))),
    ]),
  ]);
}

export function printAllowlists(figures: readonly AllowlistFigures[]): void {
  printTable('Whole reviews against more and more allowlists, without HTTP', [
    [
      'allowlists',
      'µs/review',
      'by the first',
      'unseen namespace µs',
      'YAML file ms',
      'schema ms',
      'compile ms',
    ],
    ...figures.map(({ count, reviewUs, ratio, unseenNamespaceUs, loadMs, checkMs, compileMs }) => [
      formatCount(count),
      formatMs(reviewUs),
      formatRatio(ratio),
      formatCount(unseenNamespaceUs),
      loadMs === undefined ? '–' : formatCount(loadMs),
      formatCount(checkMs),
      formatCount(compileMs),
    ]),
  ]);
}

function middle(rounds: Rounds = [], figure: keyof Measurement): number {
  return median(rounds.map((measurement) => measurement[figure]));
}

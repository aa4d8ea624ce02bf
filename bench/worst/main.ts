// Measures the worst bodies of every path, in a process of its own, and prints WorstFigures as JSON.

import { WORST_BODIES } from '../../test/builders/worst-bodies.ts';
import type { WorstFigure } from './figures.ts';
import { answer, createSubject } from './subject.ts';

const MIB = 1024 * 1024;
/** In bytes, and the milliseconds that a body of this size may hold the event loop. */
const SIZES = [
  { bytes: 3 * MIB, barMs: 50 },
  { bytes: 16 * MIB, barMs: 200 },
];
const isSmoke = process.argv.includes('--smoke');
const RUNS = isSmoke ? 1 : 5;

const routes = createSubject();
const figures: WorstFigure[] = [];
for (const { bytes, barMs } of isSmoke ? SIZES.slice(0, 1) : SIZES) {
  // A smoke run sees each way to build a body once.
  for (const { path, name, isLegal, build } of WORST_BODIES.filter(
    (_, index) => !isSmoke || index % 10 === 0,
  )) {
    const decide = routes[path];
    if (decide === undefined) {
      throw new Error(`expected a route for ${path}`);
    }
    const body = Buffer.from(build(bytes));
    let decision = '';
    const startedAt = cpuMs();
    for (let run = 0; run < RUNS; run++) {
      decision = await answer(decide, body);
    }
    const ms = (cpuMs() - startedAt) / RUNS;
    figures.push({ path, name, isLegal, bytes: body.length, barMs, ms, decision });
  }
}
console.log(JSON.stringify(figures));

/** Of this thread: the clock says more about others on the machine. Its ticks are milliseconds, hence the mean of the runs. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

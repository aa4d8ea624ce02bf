// Builds the webhook and measures it beside the least that could answer the same; --smoke only sees that all of it works.
// --worst measures the bodies that cost most instead.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundle } from '../scripts/bundle.ts';
import { createTemporaryDirectory, writeTemporaryCertificate } from '../src/quickstart/certificate.ts';
import { measureAllowlists } from './allowlists/figures.ts';
import { printBars } from './bars.ts';
import { measureCheck, printCheck } from './command-line/figures.ts';
import { divideCores } from './cores.ts';
import { enter, leave, type Racer, raceHandshakes, raceReviews } from './race.ts';
import { type CaseFigures, printAllowlists, printProcesses, printReviews } from './report.ts';
import { buildReviewCases } from './reviews.ts';
import { baseline, webhook } from './servers/contestants.ts';
import { startServer } from './servers/start-server.ts';
import { readSettings } from './settings.ts';
import { measureWorst, printWorst } from './worst/figures.ts';

const argv = process.argv.slice(2);
const settings = readSettings(argv);
const PROJECT = join(import.meta.dirname, '..');

if (argv.includes('--worst')) {
  printWorst(await measureWorst(divideCores(), argv));
  process.exit();
}

execFileSync(process.execPath, [join(PROJECT, 'scripts/build.ts')], { stdio: 'inherit' });
const programs = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-bench-'));
const certificate = createTemporaryDirectory();
const authorityPem = await writeTemporaryCertificate(certificate, '127.0.0.1');
process.once('exit', () => {
  rmSync(programs, { recursive: true });
  certificate.remove();
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const cores = divideCores();
console.log(
  `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores: ${
    cores === undefined ? 'nobody held to a core' : 'servers held to one core, client to another'
  }; load of the machine before: ${loadavg()[0]?.toFixed(1)}`,
);

const contestants = [
  webhook('warn', certificate),
  baseline('node:https', await bundleBaseline('node-https'), certificate),
  baseline('bare Fastify', await bundleBaseline('bare-fastify'), certificate),
  webhook('info', certificate),
];

const starts = contestants.map((): number[] => []);
for (let round = 0; round < settings.starts; round++) {
  for (const [index, contestant] of contestants.entries()) {
    const server = await startServer(contestant, cores);
    starts[index]?.push(server.startMs);
    await server.stop();
  }
}

const racers: Racer[] = [];
for (const contestant of contestants) {
  const server = await startServer(contestant, cores);
  await sleep(settings.settleMs);
  racers.push(await enter(contestant, server, authorityPem, settings));
}
const cases: CaseFigures[] = [];
for (const reviewCase of buildReviewCases()) {
  const { name, hasRole } = reviewCase;
  cases.push({ name, hasRole, servers: await raceReviews(racers, reviewCase, settings) });
}
const loadedBytes = racers.map(({ server }) => server.residentBytes());
const handshakes = await raceHandshakes(racers, settings);
await Promise.all(racers.map(leave));
const allowlists = await measureAllowlists(cores, argv);
const checks = settings.checkedManifests.map((count, index) =>
  measureCheck(cores, count, index === 0 ? settings.starts : 1),
);

const processes = racers.map(({ contestant, idleBytes }, index) => ({
  name: contestant.name,
  startMs: starts[index] ?? [],
  idleBytes,
  loadedBytes: loadedBytes[index],
  handshakes: handshakes[index] ?? [],
}));
printReviews(
  contestants.map(({ name }) => name),
  cases,
);
printProcesses(processes);
printAllowlists(allowlists);
printCheck(checks);
if (settings.isTimed && processes[0] !== undefined) {
  printBars(cases, processes[0], allowlists, checks[0]?.ms ?? []);
}
if (!settings.isTimed) {
  printWorst(await measureWorst(cores, argv));
}

async function bundleBaseline(name: string): Promise<string> {
  const program = join(programs, `${name}.cjs`);
  await bundle(join(import.meta.dirname, `baselines/${name}.ts`), program);
  return program;
}

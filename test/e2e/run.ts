// Runs the end-to-end tests two files at a time: the scenarios that share a cluster as one file, those that take longest
// first, and beside them one that mostly waits. What loads a cluster as fast as it can comes last, alone.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { propertySeed } from '../builders/property-runs.ts';
import { SHARED_SCENARIOS } from './shared-clusters/scenarios.ts';

const PROJECT = join(import.meta.dirname, '../..');
const nameFiles = (names: readonly string[]) => names.map((name) => `test/e2e/${name}.test.ts`);

const SHARED = nameFiles(
  Object.values(SHARED_SCENARIOS).flatMap((names) => names.map((name) => `scenarios/${name}`)),
);
/** Begun last, one of these would run for minutes beside nothing. */
const LONGEST = nameFiles(['shared-clusters/defaults', 'shared-clusters/values', 'fuzz', 'cluster-command']);
/** It records metrics for minutes and does little else. */
const IDLE = nameFiles(['scenarios/alerts']);
const ALONE = nameFiles([
  'scenarios/allowlist-and-pods-at-once',
  'scenarios/certificate-rotation',
  'scenarios/clocks-ahead',
  'scenarios/hung-replica',
  'scenarios/life-of-a-release',
  'scenarios/replicas-agree',
  'scenarios/rolling-update',
  'scenarios/siege',
  'scenarios/tls-mode-change',
]);

propertySeed();
const all = globSync('test/e2e/**/*.test.ts', { cwd: PROJECT }).sort();
const others = all.filter((file) => ![...SHARED, ...LONGEST, ...IDLE, ...ALONE].includes(file));
await Promise.all([runFiles(IDLE, 1), runFiles([...LONGEST, ...others], 2)]);
await runFiles(ALONE, 1);

/** Sets the exit code if a test fails. */
async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  const tests = run({ cwd: PROJECT, files: files.map((file) => join(PROJECT, file)), concurrency });
  tests.on('test:fail', () => {
    process.exitCode = 1;
  });
  for await (const text of tests.compose(spec())) {
    process.stdout.write(text);
  }
}

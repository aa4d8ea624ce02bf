// Runs the end-to-end tests: first the scenarios that share a cluster and those with very large pods, one file at a time, since
// the API server waits two seconds for an answer; then all other files, two at a time, those that take longest first.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { propertySeed } from '../builders/property-runs.ts';
import { SHARED_SCENARIOS } from './shared-scenarios.ts';

const PROJECT = join(import.meta.dirname, '../..');
const SHARED = SHARED_SCENARIOS.map((scenario) => `test/e2e/${scenario}.test.ts`);
/** Begun last, one of these would run for minutes beside nothing. */
const LONGEST = ['fuzz', 'self-managed-tls', 'cluster-command'].map((name) => `test/e2e/${name}.test.ts`);
const ALONE = ['test/e2e/shared-cluster.test.ts', 'test/e2e/scenarios/odd-pods.test.ts'];

propertySeed();
const others = [...LONGEST, ...globSync('test/e2e/**/*.test.ts', { cwd: PROJECT }).sort()].filter(
  (file, index, all) => !ALONE.includes(file) && !SHARED.includes(file) && all.indexOf(file) === index,
);
await runFiles(ALONE, 1);
await runFiles(others, 2);

async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  const tests = run({ cwd: PROJECT, files: files.map((file) => join(PROJECT, file)), concurrency });
  tests.once('test:fail', () => {
    process.exitCode = 1;
  });
  for await (const text of tests.compose(spec())) {
    process.stdout.write(text);
  }
}

// Runs the end-to-end tests, two files at a time: those that take longest first, the scenarios that share a cluster as one.
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
const LONGEST = [
  'test/e2e/shared-cluster.test.ts',
  'test/e2e/fuzz.test.ts',
  'test/e2e/self-managed-tls.test.ts',
  'test/e2e/cluster-command.test.ts',
];

propertySeed();
const files = [...LONGEST, ...globSync('test/e2e/**/*.test.ts', { cwd: PROJECT }).sort()].filter(
  (file, index, all) => !SHARED.includes(file) && all.indexOf(file) === index,
);
run({ cwd: PROJECT, files: files.map((file) => join(PROJECT, file)), concurrency: 2 })
  .once('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(spec())
  .pipe(process.stdout);

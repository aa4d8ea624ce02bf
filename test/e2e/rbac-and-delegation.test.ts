// The three set-ups of docs/rbac-and-delegation.md: its commands, on its files, do what it shows.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseConsoleCommands } from './documents/console-commands.ts';
import { testCommands } from './documents/test-commands.ts';
import { startWebhookCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const PROJECT = join(import.meta.dirname, '../..');
const DOCUMENT = 'docs/rbac-and-delegation.md';
const STEPS = parseConsoleCommands(readFileSync(join(PROJECT, DOCUMENT), 'utf8'));

suite('the set-ups of docs/rbac-and-delegation.md', () => {
  let cluster: WebhookCluster;
  let directory: string;

  before(async () => {
    cluster = await startWebhookCluster();
    directory = join(cluster.controlPlane.directory, 'reader');
    mkdirSync(directory);
    symlinkSync(join(PROJECT, 'charts'), join(directory, 'charts'));
  });

  after(() => cluster?.stop());

  test('there are files for each, and commands for each', () => {
    const paths = STEPS.flatMap(({ files }) => files.map(({ path }) => path));
    assert.deepEqual(paths, [
      ...['payments.yaml', 'delegations.yaml', 'beyond.yaml', 'team-a.yaml'],
      ...['git/analytics.yaml', 'git/analytics.yaml'],
    ]);
    assert.ok(STEPS.length > 20);
  });

  testCommands({ document: DOCUMENT, getCluster: () => cluster, getDirectory: () => directory });
});

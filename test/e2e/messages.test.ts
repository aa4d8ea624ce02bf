// Each case of docs/messages.md prints what the document shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseConsoleCommands } from './documents/console-commands.ts';
import { testCommands } from './documents/test-commands.ts';
import { waitFor } from './harness/wait-for.ts';
import { startWebhookCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';
import { bringWebhook } from './scenarios/support/webhook-outage.ts';

const PROJECT = join(import.meta.dirname, '../..');
const DOCUMENT = 'docs/messages.md';
const EXAMPLES = join(PROJECT, 'examples/developers');
const FOUR_HOURS_MS = 4 * 3_600_000;
const CASES = [
  'The role is not allowed',
  'No allowlist selects the namespace',
  'A protected role',
  'An ARN instead of a name',
  'Admitted',
  'A placeholder',
  'Whitespace around the name',
  'A typing mistake',
  'Another case',
  'A role of another ServiceAccount',
  'The allowlist has expired',
  'Break-glass: the time left',
  'Strip: the annotation is removed',
  'Warn: the pod is admitted',
  'Changing a role later',
  'Workloads',
  'The webhook is down',
];

suite('the messages for developers', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.kubectl(['apply', '-f', join(EXAMPLES, 'allowlists.yaml')]);
    await untilAdmitted('allowed.yaml');
  });

  after(() => cluster?.stop());

  /** What the platform team does in an incident. */
  async function extendBreakGlass(): Promise<void> {
    const expiresAt = new Date(Date.now() + FOUR_HOURS_MS).toISOString().replace(/\.\d+/, '');
    const patch = JSON.stringify({ spec: { expiresAt } });
    await cluster.kubectl(['patch', 'rral', 'incident-4711', '--type=merge', '-p', patch]);
    await untilAdmitted('break-glass.yaml');
  }

  /** Waits until the lists count. Both replicas have to know them, and a request asks one of them. */
  async function untilAdmitted(pod: string): Promise<void> {
    const args = ['apply', '--dry-run=server', '-f', join(EXAMPLES, pod)];
    for (let admitted = 0; admitted < 4; admitted += 1) {
      await waitFor('the list to count', () => cluster.kubectl(args));
    }
  }

  async function takeDown(): Promise<void> {
    await cluster.kubectl(['delete', 'pod', 'allowed', 'default', '-n', 'payments', '--timeout=60s']);
    await bringWebhook(cluster, 'down');
  }

  test('there is a command for each case', () => {
    const sections = parseConsoleCommands(readFileSync(join(PROJECT, DOCUMENT), 'utf8')).map(
      ({ section }) => section,
    );
    assert.deepEqual(
      CASES.filter((title) => !sections.includes(title)),
      [],
    );
  });

  testCommands({
    document: DOCUMENT,
    getCluster: () => cluster,
    preparations: {
      'Break-glass: the time left': extendBreakGlass,
      'The webhook is down': takeDown,
    },
  });
});

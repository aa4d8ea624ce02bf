// The commands of README's Install and Use do in a cluster what README shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseConsoleCommands } from './documents/console-commands.ts';
import { testCommands } from './documents/test-commands.ts';
import { startBareCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const README = join(import.meta.dirname, '../../README.md');

suite('the commands of README', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startBareCluster();
  });

  after(() => cluster?.stop());

  test('there is one helm install, one apply for each of two users, and a look at the pod', () => {
    assert.deepEqual(
      parseConsoleCommands(readFileSync(README, 'utf8')).map(({ command }) =>
        command.split(' ').slice(0, 2).join(' '),
      ),
      ['helm install', 'kubectl apply', 'kubectl get', 'kubectl apply', 'kubectl get'],
    );
  });

  testCommands({ document: 'README.md', getCluster: () => cluster });
});

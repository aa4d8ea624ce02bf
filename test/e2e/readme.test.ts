// The commands of README's Install and Use do in a cluster what README shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { linkTools } from '../../scripts/cluster/link-tools.ts';
import { parseConsoleCommands } from './readme/console-commands.ts';
import { runShownCommand } from './readme/run-shown-command.ts';
import { isSameOutput } from './readme/same-output.ts';
import { startBareCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const PROJECT = join(import.meta.dirname, '../..');
const COMMANDS = parseConsoleCommands(readFileSync(join(PROJECT, 'README.md'), 'utf8'));

suite('the commands of README', () => {
  let cluster: WebhookCluster;
  let env: Record<string, string>;

  before(async () => {
    cluster = await startBareCluster();
    const { tools, directory, kubeconfigPath } = cluster.controlPlane;
    env = { KUBECONFIG: kubeconfigPath, PATH: `${linkTools(tools, directory)}:${process.env['PATH']}` };
  });

  after(() => cluster?.stop());

  test('there is one helm install, one apply for each of two users, and a look at the pod', () => {
    assert.deepEqual(
      COMMANDS.map(({ command }) => command.split(' ').slice(0, 2).join(' ')),
      ['helm install', 'kubectl apply', 'kubectl get', 'kubectl apply', 'kubectl get'],
    );
  });

  for (const { command, output } of COMMANDS) {
    test(`prints what README shows: ${command}`, async () => {
      const { printed, succeeded } = await runShownCommand({ command, output }, { cwd: PROJECT, env });
      assert.ok(succeeded, printed);
      assert.ok(isSameOutput(output, printed), `README shows another output; it is\n${printed}`);
    });
  }
});

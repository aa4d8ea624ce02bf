// The commands of README's Install and Use do in a cluster what README shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { linkTools } from '../../scripts/cluster/link-tools.ts';
import { runCommand } from './harness/run-command.ts';
import { waitFor } from './harness/wait-for.ts';
import { parseConsoleCommands } from './readme/console-commands.ts';
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
      const run = async (): Promise<string> => {
        const { code, stdout, stderr } = await runCommand('sh', ['-c', command], { cwd: PROJECT, env });
        assert.equal(code, 0, stderr);
        return stdout;
      };
      let printed = await run();
      if (command.startsWith('kubectl get')) {
        // A reader looks again too, until status and pods are there.
        const look = async (): Promise<boolean> => {
          printed = await run();
          return isSameOutput(output, printed);
        };
        await waitFor('what README shows', look).catch(() => undefined);
      }
      assert.ok(isSameOutput(output, printed), `README shows another output; it is\n${printed}`);
    });
  }
});

// The commands of docs/troubleshooting.md run as they stand.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { linkTools } from '../../scripts/cluster/link-tools.ts';
import { runCommand } from './harness/run-command.ts';
import { startWebhookCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const PROJECT = join(import.meta.dirname, '../..');
const TEXT = readFileSync(join(PROJECT, 'docs/troubleshooting.md'), 'utf8');
const COMMANDS = [...TEXT.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, command = '']) => command.trim());

suite('the commands of docs/troubleshooting.md', () => {
  let cluster: WebhookCluster;
  let env: Record<string, string>;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.kubectl(['apply', '-f', join(PROJECT, 'examples/allowlist.yaml')]);
    await cluster.kubectl(['apply', '-f', join(PROJECT, 'examples/deployment.yaml')]);
    const { tools, directory, kubeconfigPath } = cluster.controlPlane;
    env = { KUBECONFIG: kubeconfigPath, PATH: `${linkTools(tools, directory)}:${process.env['PATH']}` };
  });

  after(() => cluster?.stop());

  test('there are some', () => assert.ok(COMMANDS.length > 10));

  for (const command of COMMANDS) {
    test(`runs: ${command}`, async () => {
      const { code, stderr } = await runCommand('sh', ['-c', command], { cwd: PROJECT, env });
      // This API server refuses to be a proxy to loopback addresses, which the pods have here.
      const said = stderr.replaceAll('Error from server (BadRequest): address not allowed\n', '');
      assert.equal(said.replace(/^Warning: .*\n/gm, '').trim(), '');
      // 1 is what grep says when nothing matches.
      assert.ok(code === 0 || code === 1, `ended with code ${code}`);
    });
  }
});

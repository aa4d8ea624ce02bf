// The three set-ups of docs/who-writes-allowlists.md: its commands, on its files, do what it shows.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { linkTools } from '../../scripts/cluster/link-tools.ts';
import { parseDocumentSteps } from './readme/document-steps.ts';
import { runShownCommand } from './readme/run-shown-command.ts';
import { isSameOutput } from './readme/same-output.ts';
import { startWebhookCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const PROJECT = join(import.meta.dirname, '../..');
const STEPS = parseDocumentSteps(readFileSync(join(PROJECT, 'docs/who-writes-allowlists.md'), 'utf8'));

/** Of a shown command that is meant to fail. */
const FAILURE = /^(?:Error from server|no$)/m;

suite('the set-ups of docs/who-writes-allowlists.md', () => {
  let cluster: WebhookCluster;
  let cwd: string;
  let env: Record<string, string>;

  before(async () => {
    cluster = await startWebhookCluster();
    const { tools, directory, kubeconfigPath } = cluster.controlPlane;
    cwd = join(directory, 'reader');
    mkdirSync(cwd);
    symlinkSync(join(PROJECT, 'charts'), join(cwd, 'charts'));
    env = { KUBECONFIG: kubeconfigPath, PATH: `${linkTools(tools, directory)}:${process.env['PATH']}` };
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

  for (const { files, command, output } of STEPS) {
    test(`prints what the document shows: ${command}`, async () => {
      for (const { path, content } of files) {
        mkdirSync(dirname(join(cwd, path)), { recursive: true });
        writeFileSync(join(cwd, path), content);
      }
      const { printed, succeeded } = await runShownCommand({ command, output }, { cwd, env });
      assert.ok(isSameOutput(output, printed), `the document shows another output; it is\n${printed}`);
      assert.equal(succeeded, !FAILURE.test(output.join('\n')));
    });
  }
});

// Each command of docs/test-your-allowlists.md prints what the document shows, and its workflows run the commands of the package.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/command-line/commands.ts';
import { testCommands } from './documents/test-commands.ts';
import { waitFor } from './harness/wait-for.ts';
import { startWebhookCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const PROJECT = join(import.meta.dirname, '../..');
const DOCUMENT = 'docs/test-your-allowlists.md';
const BUNDLE = join(PROJECT, 'dist/eci-ram-role-webhook.cjs');

suite('tests of allowlists', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    const examples = join(PROJECT, 'examples/developers');
    await cluster.kubectl(['apply', '-f', join(examples, 'allowlists.yaml')]);
    const allowed = ['apply', '--dry-run=server', '-f', join(examples, 'allowed.yaml')];
    await waitFor('the allowlists to count', () => cluster.kubectl(allowed));
    await cluster.kubectl(['apply', '-f', join(PROJECT, 'examples/tests/web.yaml')]);
  });

  after(() => cluster?.stop());

  testCommands({
    document: DOCUMENT,
    getCluster: () => cluster,
    link: (bin) => {
      for (const name of ['eci-ram-role', 'kubectl-eci_ram_role']) {
        symlinkSync(BUNDLE, join(bin, name));
      }
    },
  });

  test('the workflows are YAML, and run commands that exist', () => {
    const markdown = readFileSync(join(PROJECT, DOCUMENT), 'utf8');
    const workflows = [...markdown.matchAll(/^```yaml\n((?:name|ram-roles):.*?)^```$/gms)].map(
      ([, text = '']) => text,
    );
    assert.equal(workflows.length, 2);
    for (const text of workflows) {
      assert.ok(Object.keys(parse(text)).length > 0);
      const names = [...text.matchAll(/eci-ram-role ([a-z-]+) /g)].map(([, name]) => name);
      assert.deepEqual(names, ['test', 'check']);
      assert.ok(names.every((name) => COMMANDS.some((command) => command.name === name)));
    }
  });
});

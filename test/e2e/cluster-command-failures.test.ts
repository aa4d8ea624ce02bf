// What npm run cluster says when it cannot do its work.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, suite, test } from 'node:test';
import { startCommand } from './cluster-command/start-command.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/cluster.ts');

suite('npm run cluster fails', () => {
  let directory = '';

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'cluster-command-'));
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  test('with one line that says how to build the tools, where they are missing', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], {
      encoding: 'utf8',
      env: { ...process.env, E2E_TOOLS_CACHE: join(directory, 'none'), KUBEBUILDER_ASSETS: '' },
    });
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
    assert.match(stderr, /^missing etcd, .*: build with "npm run cluster:tools"\n$/);
  });

  test('with one line that names the sysctl, where its user may not listen on port 443', () => {
    // A new network namespace has the kernel's own ip_unprivileged_port_start.
    const asUser = ['--user', '--map-user=65532', '--net', '--', process.execPath, SCRIPT];
    const { status, stdout, stderr } = spawnSync('unshare', asUser, { encoding: 'utf8' });
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
    assert.match(stderr, /^listening on Services' ports needs root, or "sysctl .*=0" \(it is 1024\)\n$/);
  });

  test('with what Helm says, where the chart refuses the values, and leaves nothing', async () => {
    const file = join(directory, 'misspelt.yaml');
    writeFileSync(file, 'replica: 1\n');
    const refused = startCommand(directory, [`--values=${file}`]);
    assert.equal(await refused.exit(), 1);
    assert.match(refused.output(), /additional properties 'replica' not allowed/);
    assert.deepEqual(readdirSync(directory), ['misspelt.yaml']);
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { PROJECT, runProcess } from '../../../support/run-process.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const MAIN = join(PROJECT, 'src/command-line/main.ts');
/** Nothing listens on this port. */
const SERVER = 'https://127.0.0.1:1';

const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'production',
  clusters: [{ name: 'c', cluster: { server: SERVER } }],
  users: [
    { name: 'u', user: { token: 't' } },
    {
      name: 'exec',
      user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'absent-plugin' } },
    },
  ],
  contexts: [
    { name: 'production', context: { cluster: 'c', user: 'u' } },
    { name: 'exec', context: { cluster: 'c', user: 'exec' } },
  ],
});

/** Runs a command in an environment of its own, with a kubeconfig in its directory. */
async function run(t: TestContext, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'kubeconfig'), KUBECONFIG);
  writeFileSync(join(directory, 'bad'), 'a: b: c');
  const { ended, stderr, stdout } = runProcess(t, 'node', [MAIN, ...argv], {
    cwd: directory,
    env: { HOME: directory, ...env },
  });
  return { code: await ended, stdout: stdout(), stderr: stderr().replaceAll(directory, 'DIR') };
}

const REFUSED =
  /^the cluster: expected ramroleallowlists\.eci-ram-role\.io from the API server, found connect ECONNREFUSED 127\.0\.0\.1:1\n$/;

suite('a command that asks a cluster', { concurrency: 2 }, () => {
  const cases = [
    {
      name: 'explain without files',
      argv: ['explain', 'payments', '--kubeconfig=kubeconfig'],
      stderr: REFUSED,
    },
    {
      name: 'who-can without files',
      argv: ['who-can', 'reader', '--kubeconfig=kubeconfig'],
      stderr: REFUSED,
    },
    {
      name: 'check with the word cluster',
      argv: ['check', '-f', 'kubeconfig', '--allowlists=cluster', '--kubeconfig=kubeconfig'],
      stderr: REFUSED,
    },
    {
      name: 'the kubeconfig of the environment',
      argv: ['explain', 'payments'],
      env: { KUBECONFIG: 'kubeconfig' },
      stderr: REFUSED,
    },
    {
      name: 'no kubeconfig',
      argv: ['explain', 'payments'],
      stderr:
        /^the cluster: expected a kubeconfig with a current context, found none; name one with --kubeconfig, or files with --allowlists\n$/,
    },
    {
      name: 'a kubeconfig that is not there',
      argv: ['explain', 'payments', '--kubeconfig=absent'],
      stderr: /^--kubeconfig: expected a kubeconfig that can be read, found ENOENT/,
    },
    {
      name: 'a kubeconfig that is none',
      argv: ['explain', 'payments', '--kubeconfig=bad'],
      stderr: /^--kubeconfig: expected a kubeconfig that can be read, found /,
    },
    {
      name: 'a context that is misspelt',
      argv: ['explain', 'payments', '--kubeconfig=kubeconfig', '--context=prodution'],
      stderr:
        /^--context: expected a context of the kubeconfig, found "prodution"; did you mean production\?\n$/,
    },
    {
      name: 'a context that does not exist',
      argv: ['explain', 'payments', '--kubeconfig=kubeconfig', '--context=x'],
      stderr: /^--context: expected a context of the kubeconfig, found "x"; it has production, exec\n$/,
    },
    {
      name: 'an exec plugin that is not there',
      argv: ['explain', 'payments', '--kubeconfig=kubeconfig', '--context=exec'],
      stderr: /^the cluster: expected credentials of the kubeconfig's user, found .*absent-plugin/,
    },
  ];
  for (const { name, argv, env, stderr } of cases) {
    test(`reports in one line, and exits with 2: ${name}`, async (t) => {
      const ran = await run(t, argv, env);
      assert.deepEqual([ran.code, ran.stdout], [2, '']);
      assert.match(ran.stderr, stderr);
    });
  }
});

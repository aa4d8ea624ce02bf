import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { EXPORT_OPTIONS } from '../../../src/command-line/export.ts';
import { optionInfo, toFlag } from '../../../src/config/parse.ts';
import { allowlistYaml } from '../../builders/allowlist-yaml.ts';
import { runCommand } from '../../builders/command-line.ts';
import { PROJECT, runProcess } from '../../support/run-process.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const MAIN = join(PROJECT, 'src/main.ts');
const EXPORT = ['export', '--format=validating-admission-policy'];

const UNSUPPORTED = allowlistYaml({
  name: 'web',
  rest: '  defaultRole: payments-reader\n  violationAction: Strip\n  contact: "a: b # \\" \' | \\u4ed8"\n',
});

/** Runs the command in a directory with `files`, to its end. */
async function runExport(t: TestContext, files: Readonly<Record<string, string>>, argv: readonly string[]) {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'lists'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, 'lists', name), text);
  }
  const env = { ECI_RAM_ROLE_WEBHOOK_UNLISTED_NAMESPACES: 'Warn' };
  const { ended, stdout, stderr } = runProcess(t, 'node', [MAIN, ...argv], { cwd: directory, env });
  return { code: await ended, stdout: stdout(), stderr: stderr() };
}

suite('export', { concurrency: 2 }, () => {
  test('prints policies and bindings as YAML, and nothing else, if the policies follow every field', async (t) => {
    const { code, stdout, stderr } = await runExport(t, { 'a.yaml': allowlistYaml() }, [
      ...EXPORT,
      '-f',
      'lists/a.yaml',
    ]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.deepEqual(
      parseAllDocuments(stdout).map((document) => {
        assert.deepEqual([...document.errors, ...document.warnings], []);
        const { kind, metadata } = document.toJS();
        return `${kind} ${metadata.name}`;
      }),
      [
        'ValidatingAdmissionPolicy eci-ram-role-allowlists-deny',
        'ValidatingAdmissionPolicyBinding eci-ram-role-allowlists-deny',
      ],
    );
    assert.deepEqual(stdout.match(/^#.*$/gm), [
      '# Written by eci-ram-role-webhook export. Allowlists: 1. --unlisted-namespaces=Deny',
      '# --protected-roles=KubernetesMasterRole-*,KubernetesWorkerRole-* --excluded-namespaces=kube-system',
      '# Do not edit: export again when the allowlists change. Apply with kubectl apply --server-side.',
      '# Delete these policies and bindings if an earlier export created them: eci-ram-role-allowlists-warn, eci-ram-role-allowlists-audit.',
    ]);
  });

  test('prints a mutating policy, with the allowlists whose default role it does not inject', async (t) => {
    const expiring = `  defaultRole: payments-reader\n  expiresAt: '2030-01-01T00:00:00Z'\n  reason: x\n`;
    const { code, stdout, stderr } = await runExport(t, { 'a.yaml': allowlistYaml({ rest: expiring }) }, [
      ...['export', '--format=mutating-admission-policy', '--eci-detection=all-pods', '-f', 'lists'],
    ]);
    const unsupported =
      'defaultRole beside expiresAt is not injected, since a mutating policy does not know the time: payments';
    assert.deepEqual({ code, stderr }, { code: 0, stderr: `${unsupported}\n` });
    assert.deepEqual(
      parseAllDocuments(stdout).map((document) => document.toJS().kind),
      ['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'],
    );
    assert.deepEqual(stdout.match(/^#.*$/gm), [
      '# Written by eci-ram-role-webhook export. Allowlists: 1. --eci-detection=all-pods. Needs Kubernetes 1.36 or later.',
      '# --protected-roles=KubernetesMasterRole-*,KubernetesWorkerRole-* --excluded-namespaces=kube-system',
      '# Do not edit: export again when the allowlists change. Apply with kubectl apply --server-side.',
      `# ${unsupported}`,
    ]);
  });

  test('counts the objects of other kinds on standard error', async (t) => {
    const file = join(PROJECT, 'examples/allowlist.yaml');
    const { code, stderr } = await runExport(t, {}, [...EXPORT, '-f', file]);
    assert.equal(code, 0);
    assert.match(stderr, /^objects of other kinds ignored: Namespace \(1\)\n/);
  });

  const piped = [
    { from: '< lists/a.yaml', code: 0, says: /^$/ },
    { from: '< /dev/null', code: 1, says: /^standard input: expected allowlists, found nothing\n$/ },
    {
      from: '<&-',
      code: 1,
      says: /^standard input: expected allowlists, found /,
    },
    { from: '< lists', code: 1, says: /^standard input: expected allowlists, found / },
    { from: '< lists/bad.yaml', code: 1, says: /^standard input:1:1: apiVersion: expected / },
  ];
  for (const { from, code, says } of piped) {
    test(`ends with ${code} where it reads standard input ${from}`, async (t) => {
      const directory = temporaryDirectory(t);
      mkdirSync(join(directory, 'lists'));
      writeFileSync(join(directory, 'lists/a.yaml'), allowlistYaml());
      writeFileSync(join(directory, 'lists/bad.yaml'), '{kind: RamRoleAllowlist}');
      const command = `node ${MAIN} ${EXPORT.join(' ')} -f - ${from}`;
      const { ended, stdout, stderr } = runProcess(t, 'sh', ['-c', command], { cwd: directory });
      assert.deepEqual([await ended, stdout() !== ''], [code, code === 0]);
      assert.match(stderr(), says);
    });
  }

  test('waits for what is written late into a pipe', async (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'a.yaml'), allowlistYaml());
    const late = `(sleep 2; head -c 40 a.yaml; sleep 1; tail -c +41 a.yaml) | node ${MAIN} ${EXPORT.join(' ')} -f -`;
    const { ended, stdout, stderr } = runProcess(t, 'sh', ['-c', late], { cwd: directory });
    assert.deepEqual([await ended, stderr()], [0, '']);
    assert.match(stdout(), /Allowlists: 1\./);
  });

  test('lists the fields that policies do not support, on standard error and above the policies', async (t) => {
    const files = {
      'b.yaml': UNSUPPORTED,
      'a.yaml': allowlistYaml({ rest: '  defaultRole: payments-reader\n' }),
    };
    const { code, stdout, stderr } = await runExport(t, files, [...EXPORT, '--filename', 'lists']);
    const unsupported = [
      'defaultRole is not injected; export --format mutating-admission-policy too: payments, web',
      'violationAction Strip becomes Deny, since a validating policy cannot remove an annotation: web',
    ];
    assert.equal(code, 0);
    assert.equal(stderr, unsupported.map((line) => `${line}\n`).join(''));
    for (const line of unsupported) {
      assert.ok(stdout.includes(`\n# ${line}\n`));
    }
  });

  test('keeps what a list says inside of its literal and its YAML', async (t) => {
    const { stdout } = await runExport(t, { 'a.yaml': UNSUPPORTED }, [...EXPORT, '-f', 'lists']);
    const [policy] = parseAllDocuments(stdout).map((document) => document.toJS());
    const { expression } = policy.spec.variables.find(({ name }: { name: string }) => name === 'allowlists');
    assert.ok(expression.includes(String.raw`'Deny', 'web', 'a: b # " \' | 付']`));
  });

  test('prints the same twice, whatever the order of the files', async (t) => {
    const a = allowlistYaml({ name: 'a' });
    const b = allowlistYaml({ name: 'b', roles: "['*']" });
    const first = await runExport(t, { '1.yaml': a, '2.yaml': b }, [...EXPORT, '-f', 'lists']);
    const second = await runExport(t, { '1.yaml': b, '2.yaml': a }, [...EXPORT, '-f', 'lists']);
    assert.equal(first.code, 0);
    assert.equal(second.stdout, first.stdout);
  });

  const refusals = [
    {
      title: 'a format that it does not know',
      argv: ['export', '--format=kyverno', '-f', 'lists'],
      lines: ['--format: expected validating-admission-policy, mutating-admission-policy, found "kyverno"'],
    },
    {
      title: 'a file that is not there',
      argv: [...EXPORT, '-f', 'nowhere'],
      lines: [
        "nowhere: expected a file or directory that can be read, found ENOENT: no such file or directory, stat 'nowhere'",
      ],
    },
    {
      title: 'bad files, with all that is wrong',
      argv: [...EXPORT, '-f', 'lists'],
      files: { 'a.yaml': allowlistYaml({ namespaces: '[]' }), 'b.yaml': 'kind: Pod' },
      lines: [
        'lists/a.yaml:6:15: spec.namespaces: expected a list of 1 to 256 namespaces, found a list of 0',
        'lists/b.yaml:1:7: kind: expected RamRoleAllowlist of eci-ram-role.io/v1alpha1, found "Pod"',
      ],
    },
    {
      title: 'an option of the server',
      argv: [...EXPORT, '-f', 'lists', '--log-level=info'],
      lines: ["unknown option '--log-level=info'; --help lists the options"],
    },
  ];

  for (const { title, argv, files = {}, lines } of refusals) {
    test(`refuses ${title}, on standard error alone, and exits with 1`, async (t) => {
      assert.deepEqual(await runExport(t, files, argv), {
        code: 1,
        stdout: '',
        stderr: lines.map((line) => `${line}\n`).join(''),
      });
    });
  }

  test('exits with 1 if the allowlists exceed a limit', async (t) => {
    const lists = Array.from({ length: 1_001 }, (_, index) => allowlistYaml({ name: `list-${index}` }));
    const { code, stdout, stderr } = await runExport(t, { 'a.yaml': lists.join('---\n') }, [
      ...EXPORT,
      '-f',
      'lists',
    ]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      'lists: expected up to 1000 allowlists, found 1001; merge allowlists or use the webhook\n',
    );
  });

  test('ends with one line where nobody reads to the end', async (t) => {
    const lists = Array.from({ length: 1_000 }, (_, index) => allowlistYaml({ name: `list-${index}` }));
    const command = `node ${MAIN} ${EXPORT.join(' ')} -f lists | head -1`;
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'lists'), lists.join('---\n'));
    const { ended, stderr, stdout } = runProcess(t, 'sh', ['-c', command], { cwd: directory });
    assert.equal(await ended, 0);
    assert.equal(stdout().split('\n').length, 2);
    assert.match(stderr(), /^(?:standard output: .*EPIPE.*\n)?$/);
  });

  test('prints its help and exits with 0', async (t) => {
    const { code, stdout, stderr } = await runExport(t, {}, ['export', '--help']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const help = stdout.replaceAll(/\s+/g, ' ');
    for (const [name, schema] of Object.entries(EXPORT_OPTIONS.shape)) {
      const { argument, description = '' } = optionInfo.get(schema) ?? {};
      assert.match(description, /\w{3}/, name);
      assert.ok(help.includes(`--${toFlag(name)} <${argument}> ${description}`), name);
    }
    const names = [
      'eciDetection',
      'excludedNamespaces',
      'filename',
      'format',
      'output',
      'protectedRoles',
      'unlistedNamespaces',
    ];
    assert.deepEqual(Object.keys(EXPORT_OPTIONS.shape).sort(), names);
    assert.doesNotMatch(help, /ECI_RAM_ROLE_WEBHOOK/);
  });

  test('is a command of the command line too, which exits with 2 if its input cannot be used', async () => {
    const allowlists = join(PROJECT, 'examples/allowlist.yaml');
    const argv = [...EXPORT, '-f', allowlists, '-o', 'json'];
    const { code, stdout } = await runCommand(argv);
    assert.equal(code, 0);
    const { apiVersion, kind, items } = JSON.parse(stdout);
    assert.deepEqual([apiVersion, kind, items.length], ['v1', 'List', 2]);
    assert.equal((await runCommand([...EXPORT, '-f', 'nowhere'])).code, 2);
  });

  test('names the objects of other kinds in a comment', async (t) => {
    const file = join(PROJECT, 'examples/allowlist.yaml');
    const { stdout } = await runExport(t, {}, [...EXPORT, '-f', file]);
    assert.match(stdout, /^# objects of other kinds ignored: Namespace \(1\)$/m);
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { allowlistYaml } from '../../builders/allowlist-yaml.ts';
import { runCommand } from '../../builders/command-line.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const LISTS = [
  allowlistYaml({
    name: 'b',
    namespaces: '[payments, team-*]',
    roles: '[pay*, x]',
    rest: '  serviceAccounts: [api]\n',
  }),
  allowlistYaml({ name: 'a', roles: '[payments-reader]', rest: '  defaultRole: payments-reader\n' }),
  allowlistYaml({ name: 'old', roles: '["*"]', rest: '  reason: r\n  expiresAt: 2026-01-01T00:00:00Z\n' }),
  allowlistYaml({ name: 'other', namespaces: '[soft]', roles: '[]', rest: '  violationAction: Audit\n' }),
  allowlistYaml({ name: 'strict', namespaces: '[soft]', roles: '[]' }),
].join('---\n');

const NAMESPACES = ['payments', 'team-a', 'soft', 'free']
  .map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`)
  .join('---\n');

async function whoCan(t: TestContext, role: string, flags: readonly string[] = [], knowsNamespaces = true) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'lists.yaml'), LISTS);
  writeFileSync(join(directory, 'namespaces.yaml'), NAMESPACES);
  const files = [
    ...['--allowlists', join(directory, 'lists.yaml')],
    ...(knowsNamespaces ? ['--namespaces', join(directory, 'namespaces.yaml')] : []),
  ];
  return runCommand(['who-can', role, ...files, ...flags]);
}

suite('who-can', () => {
  test('lists the allowlists that allow the role, with namespaces, ServiceAccounts and expiry', async (t) => {
    const { code, stdout } = await whoCan(t, 'payments-reader');
    assert.equal(code, 0);
    assert.deepEqual(stdout.split('\n'), [
      'payments\t*\ta\tpayments-reader (default)\tpayments\t-',
      'payments, team-*\tapi\tb\tpay*\tpayments, team-a\t-',
      'payments\t*\told\t*\tpayments\t2026-01-01T00:00:00Z (expired)',
      'not denied in kube-system: excluded from validation',
      '',
    ]);
  });

  test('finds namespaces where a role that is not allowed is not denied', async (t) => {
    const known = await whoCan(t, 'x', ['--unlisted-namespaces=Warn']);
    assert.match(known.stdout, /^not denied in free: its action is Warn$/m);
    assert.doesNotMatch(known.stdout, /not denied in soft/);
    const unknown = await whoCan(t, 'x', [], false);
    assert.match(
      unknown.stdout,
      /^not denied in soft: violationAction Audit of allowlist other, if no other allowlist there is stricter$/m,
    );
  });

  test('states that a role is protected', async (t) => {
    const { stdout } = await whoCan(t, 'kubernetesmasterrole-1');
    assert.match(
      stdout,
      /^"kubernetesmasterrole-1" is a protected role \(KubernetesMasterRole-\*, KubernetesWorkerRole-\*\): no allowlist can allow it\n/,
    );
  });

  test('states that no allowlist allows a role', async (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
    const argv = ['who-can', 'nobody', '--allowlists', directory];
    const excluded = 'not denied in kube-system: excluded from validation\n';
    assert.deepEqual(await runCommand(argv), {
      code: 0,
      stdout: `no allowlist allows "nobody"\n${excluded}`,
      stderr: '',
    });
    const { stdout } = await runCommand([...argv, '--excluded-namespaces=']);
    assert.equal(stdout, 'no allowlist allows "nobody"\n');
  });

  const bad = [
    { argv: ['who-can', 'a b'], line: 'ROLE: expected the name of a RAM role, found "a b"' },
    {
      argv: ['who-can', 'acs:ram::1:role/reader'],
      line: 'ROLE: expected the name of a RAM role, found "acs:ram::1:role/reader"; use the role name "reader"',
    },
    { argv: ['who-can'], line: "missing required argument 'ROLE'; --help lists the options" },
  ];
  for (const { argv, line } of bad) {
    test(`${argv.join(' ')}: ${line}`, async () => {
      assert.deepEqual(await runCommand(argv), { code: 2, stdout: '', stderr: `${line}\n` });
    });
  }
});

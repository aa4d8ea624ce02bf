import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { allowlistYaml } from '../../../builders/allowlist-yaml.ts';
import { runCommand } from '../../../builders/command-line.ts';
import { templateOf } from '../../../builders/workload.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const ECI = { labels: { eci: 'true' } };
const deployment = (name: string, role: string | undefined, rest: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'payments' },
  spec: { template: templateOf(role, rest) },
});
const MANIFESTS = [
  deployment('reads', 'reader'),
  deployment('writes', 'writer'),
  deployment('without', undefined, ECI),
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } },
];

const OLD = allowlistYaml({ roles: '[reader, other]', rest: '  defaultRole: reader\n' });

/** Runs `diff` from one set of allowlists to another, by the manifests. */
async function diff(t: TestContext, next: string, flags: readonly string[] = []) {
  const directory = temporaryDirectory(t);
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const manifests = MANIFESTS.map((manifest) => stringify(manifest)).join('---\n');
  const argv = [file('old.yaml', OLD), file('new.yaml', next), '-f', file('manifests.yaml', manifests)];
  return runCommand(['diff', ...argv, ...flags]);
}

suite('diff', () => {
  const cases = [
    { name: 'nothing', next: OLD, code: 0, lines: ['compared 3, changed 0, actions changed 0'] },
    {
      name: 'a role that is taken away and one that is added',
      next: allowlistYaml({ roles: '[writer, other]' }),
      code: 1,
      lines: [
        'newly-denied\tDeployment payments/reads\tallow reader\tdeny reader',
        'newly-allowed\tDeployment payments/writes\tdeny writer\tallow writer',
        'other-role\tDeployment payments/without\tinject reader\tallow',
        'Deployment payments/reads: pods of this Deployment would be denied: RAM role "reader" is not allowed in namespace "payments". Allowed for ServiceAccount "default": other, writer (allowlists: payments). Contact: your cluster administrator',
        'compared 3, changed 3, actions changed 0',
      ],
    },
    {
      name: 'another default role',
      next: allowlistYaml({ roles: '[reader, other]', rest: '  defaultRole: other\n' }),
      code: 1,
      lines: [
        'other-role\tDeployment payments/without\tinject reader\tinject other',
        'compared 3, changed 1, actions changed 0',
      ],
    },
    {
      name: 'a softer action',
      next: `${OLD}  violationAction: Warn\n`,
      code: 0,
      lines: [
        'newly-allowed\tDeployment payments/writes\tdeny writer\twarn writer',
        'namespace payments: the action changes from Deny to Warn, which is softer',
        'compared 3, changed 1, actions changed 1',
      ],
    },
    {
      name: 'an allowlist that is deleted',
      next: allowlistYaml({ name: 'others', namespaces: '[others]' }),
      code: 1,
      lines: [
        'newly-denied\tDeployment payments/reads\tallow reader\tdeny reader',
        'other-role\tDeployment payments/without\tinject reader\tallow',
        'Deployment payments/reads: pods of this Deployment would be denied: RAM role "reader" is not allowed in namespace "payments": no allowlist selects this namespace. Contact: your cluster administrator',
        'compared 3, changed 2, actions changed 0',
      ],
    },
  ];
  for (const { name, next, code, lines } of cases) {
    test(`shows ${name}`, async (t) => {
      const { code: exitCode, stdout, stderr } = await diff(t, next);
      assert.deepEqual(stdout.trimEnd().split('\n'), lines, stderr);
      assert.equal(exitCode, code);
    });
  }

  test('counts every action that changes, also one that becomes stricter', async (t) => {
    const { stdout } = await diff(t, OLD, ['--unlisted-namespaces=Warn']);
    assert.match(stdout, /actions changed 0$/m);
    const stricter = await diff(t, allowlistYaml({ namespaces: '[payments, x]' }), [
      '--unlisted-namespaces=Audit',
    ]);
    assert.match(stricter.stdout, /^namespace x: the action changes from Audit to Deny$/m);
  });

  test('needs pods, and both sets of allowlists', async (t) => {
    const directory = temporaryDirectory(t);
    const old = join(directory, 'old.yaml');
    writeFileSync(old, OLD);
    const line = 'expected -f with pods and workloads, or the word cluster as OLD or NEW, or --kubeconfig\n';
    assert.deepEqual(await runCommand(['diff', old, old]), { code: 2, stdout: '', stderr: line });
    assert.match((await runCommand(['diff', old])).stderr, /^missing required argument 'NEW'/);
    assert.equal((await runCommand(['diff', old, join(directory, 'absent'), '-f', old])).code, 2);
  });
});

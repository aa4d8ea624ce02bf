import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { allowlistYaml } from '../../../builders/allowlist-yaml.ts';
import { runCommand } from '../../../builders/command-line.ts';
import { templateOf } from '../../../builders/workload.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const LISTS = [
  allowlistYaml({
    name: 'team',
    namespaces: '[pay*]',
    roles: '[writer]',
    rest: '  defaultRole: writer\n  violationAction: Strip\n',
  }),
  allowlistYaml({ name: 'payments', roles: '[reader]', rest: '  defaultRole: reader\n  contact: "#pay"\n' }),
  allowlistYaml({
    name: 'batch',
    roles: '[exporter]',
    rest: '  defaultRole: exporter\n  serviceAccounts: [batch]\n',
  }),
  allowlistYaml({ name: 'old', roles: '[repair]', rest: '  reason: r\n  expiresAt: 2026-01-01T00:00:00Z\n' }),
  allowlistYaml({ name: 'elsewhere', namespaces: '[other]', roles: '[far]' }),
].join('---\n');

async function explain(t: TestContext, argv: readonly string[], objects: readonly object[] = []) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'lists.yaml'), LISTS);
  writeFileSync(join(directory, 'pods.yaml'), objects.map((object) => stringify(object)).join('---\n'));
  const files = objects.length === 0 ? [] : ['-f', join(directory, 'pods.yaml')];
  return runCommand(['explain', ...argv, ...files, '--allowlists', join(directory, 'lists.yaml')]);
}

const pod = (role: string | undefined, rest: object = {}) => {
  const { metadata, spec } = templateOf(role, rest);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'payments', ...metadata }, spec };
};
const ECI = { labels: { eci: 'true' } };

suite('explain a namespace', () => {
  test('shows its action and whose it is, the allowlists in their order, and the defaults', async (t) => {
    const { code, stdout } = await explain(t, ['payments']);
    assert.equal(code, 0);
    assert.deepEqual(stdout.split('\n'), [
      'Namespace payments',
      'A pod with a role that is not allowed: Deny (allowlist batch, old, payments)',
      '',
      'batch\tname payments\texporter\tbatch\tDeny\t-\t-',
      'old\tname payments\trepair\t*\tDeny\t2026-01-01T00:00:00Z (expired)\t-',
      'payments\tname payments\treader\t*\tDeny\t-\t#pay',
      'team\tpattern pay*\twriter\t*\tStrip\t-\t-',
      '',
      'Default role, the first that matches the pod:',
      '  1. exporter: allowlist batch, which selects by name payments, for ECI pods of ServiceAccounts batch',
      '  2. reader: allowlist payments, which selects by name payments, for ECI pods of all ServiceAccounts',
      '  3. writer: allowlist team, which selects by pattern pay*, for ECI pods of all ServiceAccounts',
      '',
    ]);
  });

  test('states that no allowlist selects it, and by which setting its pods are denied', async (t) => {
    const { stdout } = await explain(t, ['sandbox']);
    assert.deepEqual(stdout.split('\n').slice(1, 3), [
      'A pod with a role that is not allowed: Deny (--unlisted-namespaces)',
      'No allowlist selects this namespace.',
    ]);
  });

  test('states that the API server does not ask about its pods', async (t) => {
    const { stdout } = await explain(t, ['kube-system']);
    assert.match(
      stdout,
      /^The API server does not send its pods to \/validate-pods: they may name any role\.$/m,
    );
    assert.match(
      stdout,
      /^The API server does not send its pods to \/mutate-pods: they get no default role\.$/m,
    );
  });

  test('reports a conflict of two defaults', async (t) => {
    const directory = temporaryDirectory(t);
    const lists = ['a', 'b'].map((name) =>
      allowlistYaml({ name, roles: `[${name}]`, rest: `  defaultRole: ${name}\n` }),
    );
    writeFileSync(join(directory, 'lists.yaml'), lists.join('---\n'));
    const { stdout } = await runCommand(['explain', 'payments', '--allowlists', directory]);
    assert.match(stdout, /^conflict: a and b are equally specific and have different defaults: a, b$/m);
  });
});

suite('explain a pod', () => {
  const cases = [
    {
      name: 'an allowed role',
      pod: pod('reader'),
      code: 0,
      steps: [
        /pass {2}protected: /,
        /pass {2}name: /,
        /fail {2}allowlist batch: /,
        /fail {2}allowlist old: /,
        /pass {2}allowlist payments: .*its entry "reader" matches; it covers all ServiceAccounts/,
        /fail {2}allowlist team: /,
      ],
      end: 'allow (allowed), RAM role "reader"',
    },
    {
      name: 'a role for another ServiceAccount, and one that expired',
      pod: pod('exporter'),
      code: 1,
      steps: [
        /fail {2}allowlist batch: .*it covers ServiceAccounts batch, not "default"/,
        /fix: run the pod as one of its ServiceAccounts, or add "default" to them/,
      ],
      end: 'deny (not-allowed), RAM role "exporter"',
    },
    {
      name: 'a role of an allowlist that has expired',
      pod: pod('repair'),
      code: 1,
      steps: [
        /fail {2}allowlist old: .*it expired at 2026-01-01T00:00:00Z/,
        /fix: ask its owner for a later expiresAt/,
      ],
      end: 'deny (expired), RAM role "repair"',
    },
    {
      name: 'a role that is allowed elsewhere',
      pod: pod('far'),
      code: 1,
      steps: [
        /info {2}allowlist elsewhere: allows the role, but selects other namespaces \(other\)/,
        /info {2}action: Deny: the strictest of allowlists batch, old, payments, team/,
      ],
      end: 'deny (not-allowed), RAM role "far"',
    },
    {
      name: 'a protected role',
      pod: pod('KubernetesMasterRole-x'),
      code: 1,
      steps: [/fail {2}protected: /, /fix: name another role; no allowlist can allow this one/],
      end: 'deny (protected), RAM role "KubernetesMasterRole-x"',
    },
    {
      name: 'an ARN',
      pod: pod('acs:ram::1:role/reader'),
      code: 1,
      steps: [/fail {2}name: /, /fix: use the role name "reader", not the ARN/],
      end: 'deny (invalid-name), RAM role "acs:ram::1:role/reader"',
    },
    {
      name: 'no role, and no marker of an ECI pod',
      pod: pod(undefined),
      code: 0,
      steps: [
        /fail {2}allowlist batch: has a default role for ECI pods; this pod has no marker of one/,
        /fix: add the label alibabacloud\.com\/eci: "true", or set injectInto: AllPods/,
      ],
      end: 'allow (no-role)',
    },
    {
      name: 'no role: the first default that fits',
      pod: pod(undefined, ECI),
      code: 0,
      steps: [
        /fail {2}allowlist batch: has a default role for ServiceAccounts batch, not "default"/,
        /info {2}allowlist old: has no default role/,
        /pass {2}allowlist payments: its default role is "reader"/,
      ],
      end: 'inject (default), RAM role "reader"',
    },
  ];
  for (const { name, pod, code, steps, end } of cases) {
    test(name, async (t) => {
      const ran = await explain(t, [], [pod]);
      assert.equal(ran.code, code, ran.stderr);
      let at = 0;
      for (const step of steps) {
        const found = ran.stdout.slice(at).search(step);
        assert.notEqual(found, -1, `${step} in ${ran.stdout}`);
        at += found;
      }
      assert.ok(ran.stdout.includes(`\n  ${end}\n`), ran.stdout);
    });
  }

  for (const role of ['KubernetesMasterRole-x', 'a b']) {
    test(`asks no allowlist about ${role}`, async (t) => {
      assert.doesNotMatch((await explain(t, [], [pod(role)])).stdout, /^ {2}\w+ {2}allowlist/m);
    });
  }

  test('of a workload is one of its template', async (t) => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'payments' },
      spec: { template: templateOf('exporter', { spec: { serviceAccount: 'batch' } }) },
    };
    const { code, stdout } = await explain(t, [], [deployment]);
    assert.equal(code, 0);
    assert.match(stdout, /^Deployment payments\/web\n {2}ServiceAccount batch, RAM role "exporter"$/m);
  });

  test('needs a namespace or a pod, and one of them', async (t) => {
    const line = 'expected a NAMESPACE or -f with a pod, and not both\n';
    assert.equal((await explain(t, [])).stderr, line);
    assert.equal((await explain(t, ['payments'], [pod('reader')])).stderr, line);
    assert.match((await explain(t, ['A'])).stderr, /^NAMESPACE: expected the name of a namespace, found "A"/);
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } };
    assert.match((await explain(t, [], [service])).stderr, /: expected a pod or a workload, found none\n$/);
  });
});

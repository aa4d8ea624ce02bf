import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { loadAllowlists } from '../../../../src/sources/files/load.ts';
import { runToEnd } from '../../../../src/sources/time-slice.ts';
import { allowlistYaml } from '../../../builders/allowlist-yaml.ts';
import { runCommand } from '../../../builders/command-line.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const HEAD = 'apiVersion: test.eci-ram-role.io/v1alpha1\nkind: Suite\n';
const LISTS = [
  allowlistYaml({ rest: '  defaultRole: payments-reader\n' }),
  allowlistYaml({ name: 'old', roles: '[repair]', rest: '  reason: r\n  expiresAt: 2026-01-01T00:00:00Z\n' }),
  allowlistYaml({ name: 'labels', roles: '[labelled]' }).replace(
    /namespaces: .*/,
    'namespaceSelector: {matchLabels: {team: a}}',
  ),
].join('---\n');

/** Runs `test` on a suite beside the allowlists, and other files. */
async function runTest(
  t: TestContext,
  text: string,
  files: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
) {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'inner'));
  for (const [name, content] of Object.entries({ 'lists.yaml': LISTS, 'suite.yaml': text, ...files })) {
    writeFileSync(join(directory, name), content);
  }
  const ran = await runCommand(['test', directory, ...flags]);
  const shown = (output: string) => output.replaceAll(`${directory}/`, '').replaceAll(directory, 'DIR');
  return { code: ran.code, stdout: shown(ran.stdout), stderr: shown(ran.stderr) };
}

suite('test', () => {
  const passing = [
    { name: 'an allowed role', fields: 'namespace: payments\n    role: payments-reader\n    expect: allow' },
    {
      name: 'a default role',
      fields:
        'namespace: payments\n    labels: {eci: "true"}\n    expect: {outcome: inject, role: payments-reader}',
    },
    {
      name: 'no role',
      fields: 'namespace: payments\n    expect: {outcome: allow, role: null, reason: no-role}',
    },
    {
      name: 'a denial with a part of its message',
      fields:
        'namespace: payments\n    role: x\n    expect: {outcome: deny, reason: not-allowed, message: "is not allowed in namespace \\"payments\\""}',
    },
    {
      name: 'labels of the namespace',
      fields:
        'namespace: web\n    namespaceLabels: {team: a}\n    role: labelled\n    expect: {outcome: allow, allowlists: [labels]}',
    },
    {
      name: 'a pod in the suite',
      fields:
        'pod: {apiVersion: v1, kind: Pod, metadata: {namespace: payments, annotations: {k8s.aliyun.com/eci-ram-role-name: x}}}\n    expect: deny',
    },
  ];
  for (const { name, fields } of passing) {
    test(`passes: ${name}`, async (t) => {
      const { code, stdout, stderr } = await runTest(t, `${HEAD}cases:\n  - name: it\n    ${fields}\n`);
      assert.deepEqual([code, stdout, stderr], [0, 'pass  it\npassed 1, failed 0\n', '']);
    });
  }

  test('passes: the time and the settings of the suite', async (t) => {
    const text = `${HEAD}now: 2025-12-31T23:59:59Z
settings: {unlistedNamespaces: Warn, protectedRoles: [root-*]}
cases:
  - {name: not expired then, namespace: payments, role: repair, expect: allow}
  - {name: unlisted, namespace: other, role: x, expect: warn}
  - {name: protected, namespace: other, role: root-1, expect: {outcome: deny, reason: protected}}
`;
    assert.equal(
      (await runTest(t, text)).stdout,
      'pass  not expired then\npass  unlisted\npass  protected\npassed 3, failed 0\n',
    );
  });

  test('shows each field that differs, at the line of the case, and exits with 1', async (t) => {
    const text = `${HEAD}cases:\n  - name: good\n    namespace: payments\n    role: payments-reader\n    expect: allow\n  - name: bad\n    namespace: payments\n    role: x\n    expect: {outcome: allow, role: y, reason: allowed, allowlists: [a], message: absent}\n`;
    const { code, stdout } = await runTest(t, text);
    assert.equal(code, 1);
    const message =
      'RAM role "x" is not allowed in namespace "payments". Allowed for ServiceAccount "default": payments-reader (allowlists: old, payments). Contact: your cluster administrator';
    assert.equal(
      stdout,
      [
        'pass  good',
        'fail  suite.yaml:8:5: bad',
        '      outcome: expected allow, found deny',
        '      role: expected y, found x',
        '      reason: expected allowed, found not-allowed',
        '      allowlists: expected a, found old, payments',
        `      message: expected absent, found ${message}`,
        `      ${message}`,
        'passed 1, failed 1',
        '',
      ].join('\n'),
    );
    const junit = await runTest(t, text, {}, ['-o', 'junit']);
    assert.match(
      junit.stdout,
      /<testsuites name="eci-ram-role test" tests="2" failures="1" errors="0" skipped="0">/,
    );
    assert.match(junit.stdout, /<failure message="outcome: expected allow, found deny" type="outcome">/);
  });

  test('shows a role where none is expected', async (t) => {
    const text = `${HEAD}cases:\n  - {name: a, namespace: payments, role: payments-reader, expect: {outcome: allow, role: null}}\n`;
    assert.match((await runTest(t, text)).stdout, /^ {6}role: expected none, found payments-reader$/m);
  });

  test('reads a manifest beside the suite, and suites in directories', async (t) => {
    const web =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: payments}\nspec: {template: {metadata: {annotations: {k8s.aliyun.com/eci-ram-role-name: payments-reader}}}}\n';
    const files = {
      'web.yaml': web,
      'inner/suite.yml': `${HEAD}allowlists: [../lists.yaml]\ncases:\n  - {name: inner, pod: ../web.yaml, expect: allow}\n`,
    };
    const text = `${HEAD}cases:\n  - {name: outer, pod: web.yaml, expect: allow}\n`;
    assert.equal((await runTest(t, text, files)).stdout, 'pass  inner\npass  outer\npassed 2, failed 0\n');
  });

  test('leaves the suite to the command: the server counts it among other kinds', () => {
    const file = { path: 'suite.yaml', text: `${HEAD}cases: []\n---\n${LISTS}` };
    const loaded = runToEnd(loadAllowlists([file], [], { labelsAreKnown: true }));
    assert.ok(loaded.ok);
    assert.deepEqual([...loaded.value.otherKinds], [['Suite', 1]]);
  });

  const bad = [
    {
      text: `${HEAD}cases: []\n`,
      line: 'suite.yaml:3:8: cases: expected at least one case, found a list of 0',
    },
    {
      text: `${HEAD}cases:\n  - {name: a, expcet: deny}\n`,
      line: 'suite.yaml:4:23: cases[0].expcet: expected no such field, found "expcet": did you mean expect?',
    },
    {
      text: `${HEAD}cases:\n  - {name: a, expect: denied}\n`,
      line: 'suite.yaml:4:23: cases[0].expect.outcome: expected allow, inject, strip, deny, warn, audit, found "denied"',
    },
    {
      text: `${HEAD}cases:\n  - {name: a, pod: x.yaml, role: x, expect: deny}\n`,
      line: 'suite.yaml:4:20: cases[0].pod: expected either a pod, or serviceAccount, role and labels, found "x.yaml"',
    },
    {
      text: `${HEAD}now: 2026-01-01T00:00:00+08:00\ncases:\n  - {name: a, expect: deny}\n`,
      line: 'suite.yaml:3:6: now: expected a time in UTC and whole seconds, such as 2026-12-01T18:00:00Z, found "2026-01-01T00:00:00+08:00"',
    },
    {
      text: `${HEAD}cases:\n  - {name: a, pod: absent.yaml, expect: deny}\n`,
      line: "absent.yaml: expected a file or directory that can be read, found ENOENT: no such file or directory, stat 'DIR/absent.yaml'",
    },
    {
      text: 'a: 1\n',
      line: 'DIR: expected a file of kind Suite (test.eci-ram-role.io/v1alpha1), found none',
    },
    {
      text: `${HEAD.replace('Suite', 'Suit')}cases: [{name: a, expect: deny}]\n`,
      line: 'suite.yaml:2:7: kind: expected Suite, found "Suit"',
    },
  ];
  for (const { text, line } of bad) {
    test(`reports ${line}`, async (t) => {
      const { code, stdout, stderr } = await runTest(t, text);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.ok(stderr.includes(line.replace("stat 'DIR/", "stat '")) || stderr.includes(line), stderr);
    });
  }
});

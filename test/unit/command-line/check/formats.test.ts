import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { allowlistYaml } from '../../../builders/allowlist-yaml.ts';
import { runCommand } from '../../../builders/command-line.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const MANIFESTS = `apiVersion: v1
kind: Pod
metadata:
  name: good
  namespace: payments
  annotations: {k8s.aliyun.com/eci-ram-role-name: payments-reader}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: <web>
  namespace: payments
spec:
  template:
    metadata:
      annotations:
        k8s.aliyun.com/eci-ram-role-name: payments-raeder
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: misspelt
  namespace: payments
spec:
  template:
    metadata:
      annotations:
        k8s.aliyun.com/eci-ram-role-nam: "payments-reader"
---
apiVersion: v1
kind: Service
metadata: {name: web}
`;

const DENIAL =
  'pods of this Deployment would be denied: RAM role "payments-raeder" is not allowed in namespace "payments"; did you mean "payments-reader"? Allowed for ServiceAccount "default": payments-reader (allowlists: payments). Contact: your cluster administrator';
const WARNING =
  'annotation "k8s.aliyun.com/eci-ram-role-nam" in spec.template.metadata.annotations of this Deployment sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?';

/** Runs `check` on the manifests, and removes the path of their directory from the output. */
async function check(t: TestContext, format: string, { isTerminal = false, manifests = MANIFESTS } = {}) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
  writeFileSync(join(directory, 'web app.yaml'), manifests);
  const files = ['-f', join(directory, 'web app.yaml'), '--allowlists', join(directory, 'lists.yaml')];
  const { code, stdout } = await runCommand(['check', ...files, '-o', format], { isTerminal });
  return { code, stdout: stdout.replaceAll(`${directory}/`, '') };
}

suite('check prints', () => {
  test('a line with tabs for each object, then each finding at its line, then the counts', async (t) => {
    const { code, stdout } = await check(t, 'text');
    assert.equal(code, 1);
    assert.equal(
      stdout,
      [
        'admitted\tPod payments/good\tpayments-reader\tpayments',
        'denied\tDeployment payments/<web>\tpayments-raeder\tpayments',
        'admitted\tDeployment payments/misspelt\t-\t-',
        `web app.yaml:17:43: denied: Deployment payments/<web>: ${DENIAL}`,
        `web app.yaml:28:42: warning: Deployment payments/misspelt: ${WARNING}`,
        'checked 3, denied 1, with warnings 1, skipped 1 (Service 1)',
        '',
      ].join('\n'),
    );
  });

  test('columns below their titles, with colors, on a terminal', async (t) => {
    const { stdout } = await check(t, 'text', { isTerminal: true });
    assert.deepEqual(stdout.split('\n').slice(0, 3), [
      '<bold>OUTCOME</>   <bold>OBJECT</>                        <bold>RAM ROLE</>         <bold>ALLOWLISTS</>',
      '<green>admitted</>  Pod payments/good             payments-reader  payments',
      '<red>denied</>    Deployment payments/<web>     payments-raeder  payments',
    ]);
    assert.ok(stdout.includes(`web app.yaml:17:43: <red>denied</>: Deployment`));
  });

  test('no control character that a manifest holds', async (t) => {
    const sequence = '"\\e[2J\\r"';
    const manifests = `apiVersion: v1\nkind: Pod\nmetadata: {name: ${sequence}, namespace: payments, annotations: {k8s.aliyun.com/eci-ram-role-name: ${sequence}}}\n---\napiVersion: v1\nkind: ${sequence}\n`;
    for (const format of ['text', 'junit']) {
      const { stdout } = await check(t, format, { manifests });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them.
      assert.doesNotMatch(stdout, /[\x00-\x08\x0b-\x1f\x7f]/);
    }
  });

  test('JUnit: a suite for each file, a case for each object', async (t) => {
    const { code, stdout } = await check(t, 'junit');
    assert.equal(code, 1);
    const escaped = DENIAL.replaceAll('"', '&quot;');
    assert.equal(
      stdout,
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="eci-ram-role check" tests="3" failures="1" errors="0" skipped="0">
  <testsuite name="web app.yaml" tests="3" failures="1" errors="0" skipped="0">
    <testcase classname="web app.yaml" name="Pod payments/good" file="web app.yaml" line="1"></testcase>
    <testcase classname="web app.yaml" name="Deployment payments/&lt;web&gt;" file="web app.yaml" line="8">
      <failure message="${escaped}" type="not-allowed">web app.yaml:17:43: ${escaped}</failure>
    </testcase>
    <testcase classname="web app.yaml" name="Deployment payments/misspelt" file="web app.yaml" line="19">
      <system-out>web app.yaml:28:42: warning: ${WARNING.replaceAll('"', '&quot;')}</system-out>
    </testcase>
  </testsuite>
</testsuites>
`,
    );
  });

  test('SARIF: each finding with its rule, its level and its region', async (t) => {
    const { code, stdout } = await check(t, 'sarif');
    assert.equal(code, 1);
    const { version, runs } = JSON.parse(stdout);
    assert.equal(version, '2.1.0');
    const [{ tool, results }] = runs;
    assert.equal(tool.driver.name, 'eci-ram-role');
    const [denied, warning] = results;
    assert.equal(denied.message.text, `Deployment payments/<web>: ${DENIAL}`);
    assert.deepEqual(
      [denied.ruleId, denied.level, warning.ruleId, warning.level],
      ['denied', 'error', 'warning', 'warning'],
    );
    assert.deepEqual(
      [denied, warning].map(({ ruleId, ruleIndex }) => tool.driver.rules[ruleIndex].id === ruleId),
      [true, true],
    );
    const [{ physicalLocation }] = denied.locations;
    assert.deepEqual(physicalLocation.region, { startLine: 17, startColumn: 43 });
    assert.match(physicalLocation.artifactLocation.uri, /^file:\/\/web%20app\.yaml$/);
  });

  for (const format of ['text', 'json', 'junit', 'sarif']) {
    test(`a manifest that cannot be read, as ${format}, and exits with 2`, async (t) => {
      const { code, stdout } = await check(t, format, { manifests: 'a: b: c' });
      assert.equal(code, 2);
      assert.match(stdout, /expected YAML or JSON, found/);
    });
  }
});

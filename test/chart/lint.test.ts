import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { CASES, DIGITS } from './cases.ts';
import { HELMS, lint, OF_CLUSTER, renderText } from './helm.ts';
import { findTool } from './tools.ts';

const SCHEMAS = join(import.meta.dirname, 'schemas');
const LOCATIONS = ['kubernetes', 'custom'].flatMap((folder) => [
  '-schema-location',
  join(SCHEMAS, folder, '{{.ResourceKind}}{{.KindSuffix}}.json'),
]);

for (const helm of HELMS) {
  test(`${helm} lints the chart as it is`, () => {
    assert.match(lint({}, helm), /0 chart\(s\) failed/);
  });

  for (const [name, values] of Object.entries(CASES)) {
    test(`${helm} lints and renders what Kubernetes accepts: ${name}`, () => {
      assert.match(lint(values, helm), /0 chart\(s\) failed/);
      assert.match(
        validate(renderText(values, { helm, flags: OF_CLUSTER })),
        /Invalid: 0, Errors: 0, Skipped: 0/,
      );
    });
  }

  for (const [name, values] of Object.entries(DIGITS)) {
    test(`${helm} renders names and texts of digits as texts: ${name}`, () => {
      const flags = [...OF_CLUSTER, '--namespace', '4444412'];
      const manifests = renderText(values, { helm, release: '12345', flags });
      assert.match(validate(manifests), /Invalid: 0, Errors: 0, Skipped: 0/);
    });
  }
}

function validate(manifests: string): string {
  const { status, stdout, stderr } = spawnSync(
    findTool('kubeconform'),
    ['-strict', '-summary', ...LOCATIONS],
    {
      input: manifests,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

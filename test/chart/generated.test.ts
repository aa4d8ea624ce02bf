// What is generated from something else is not stale: npm run generate:chart writes it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { buildChartReadme } from '../../scripts/generate-chart-readme.ts';
import { buildValuesSchema } from '../../scripts/generate-chart-schema.ts';
import { CHART } from './helm.ts';

const read = (file: string) => readFileSync(join(CHART, file), 'utf8');

test("the README's table of values is that of values.yaml", () => {
  assert.equal(buildChartReadme(read('README.md'), read('values.yaml')), read('README.md'));
});

test("values.schema.json describes an allowlist as the server's schema does", () => {
  assert.equal(buildValuesSchema(read('values.schema.json')), read('values.schema.json'));
});

test('the chart has the version of the package', () => {
  const { version, appVersion } = parse(read('Chart.yaml'));
  assert.deepEqual(
    { version, appVersion },
    { version: packageJson.version, appVersion: packageJson.version },
  );
});

test('a value without a comment is refused', () => {
  assert.throws(
    () => buildChartReadme(read('README.md'), '# A comment.\na: 1\nb: 2\n'),
    /values\.yaml: b: expected a comment above it/,
  );
});

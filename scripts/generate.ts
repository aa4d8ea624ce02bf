// Writes the files that are generated from the schema of allowlists: the CRD, the reference of its fields, the README's
// table of them, and the JSON Schemas of the package. With --check it writes nothing, and fails if a file differs from what it would write.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { stringify } from 'yaml';
import { buildCrd } from './crd.ts';
import { buildChineseFieldTable, buildFieldReference, buildFieldTable } from './field-reference.ts';
import { buildJsonSchemas } from './json-schemas.ts';

const PROJECT = join(import.meta.dirname, '..');

const FIELD_TABLE = /(?<=<!-- fields: .* -->\n).*?(?=<!-- end of fields -->)/s;

const files = {
  'charts/eci-ram-role-webhook/crds/ramroleallowlists.yaml': `# Generated from src/policy/schema/allowlist.ts by npm run generate.\n${stringify(buildCrd(), { lineWidth: 0, aliasDuplicateObjects: false })}`,
  'docs/api-reference.md': buildFieldReference(),
  'README.md': replaceFieldTable('README.md', buildFieldTable()),
  'README.zh-CN.md': replaceFieldTable('README.zh-CN.md', buildChineseFieldTable()),
  ...Object.fromEntries([...buildJsonSchemas()].map(([name, text]) => [`schemas/${name}`, text])),
};

let stale = 0;
for (const [path, content] of Object.entries(files)) {
  const file = join(PROJECT, path);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== content) {
    console.error(
      `${path}: expected what npm run generate writes, found something else; run it and commit the file`,
    );
    stale++;
  }
}
process.exitCode = stale > 0 ? 1 : 0;

/** A document with the table of fields between its marks. */
function replaceFieldTable(path: string, table: string): string {
  return readFileSync(join(PROJECT, path), 'utf8').replace(FIELD_TABLE, `${table}\n`);
}

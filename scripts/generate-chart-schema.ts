// Writes the schema of an allowlist's spec into the chart's values.schema.json, so that a misspelt field is refused before
// anything is installed: an API server with an older CRD would drop it, and a list without a narrowing field is wide open.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { allowlistSchema } from '../src/policy/schema/allowlist.ts';

const SCHEMA = join(import.meta.dirname, '../charts/eci-ram-role-webhook/values.schema.json');

/** Not of JSON Schema, or not of a part of one. */
const IGNORED = new Set(['$schema', 'nullable']);

if (import.meta.main) {
  writeFileSync(SCHEMA, buildValuesSchema(readFileSync(SCHEMA, 'utf8')));
}

/** What values.schema.json should be, given what it is. */
export function buildValuesSchema(valuesSchema: string): string {
  const schema = JSON.parse(valuesSchema);
  const allowlist = z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input', target: 'draft-7' });
  schema.definitions.allowlist = forHelm(allowlist);
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function forHelm(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(forHelm);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !IGNORED.has(key) && !key.startsWith('x-'))
      .map(([key, value]) => [key, forHelm(value)]),
  );
}

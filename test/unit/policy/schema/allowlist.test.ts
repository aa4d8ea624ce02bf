import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { allowlistSchema } from '../../../../src/policy/schema/allowlist.ts';

suite('allowlistSchema', () => {
  test('is told as JSON Schema, every field of spec with what it means', () => {
    const { properties } = z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' });

    for (const [field, schema] of Object.entries(properties ?? {})) {
      assert.match(String(Object(schema).description), /\.$/, field);
    }
  });

  const bounds = [
    { field: 'namespaces', schema: { minItems: 1, maxItems: 256 } },
    { field: 'roles', schema: { maxItems: 256 } },
    { field: 'serviceAccounts', schema: { minItems: 1, maxItems: 64 } },
    { field: 'contact', schema: { minLength: 0, maxLength: 128 } },
    { field: 'reason', schema: { minLength: 1, maxLength: 128 } },
    { field: 'violationAction', schema: { enum: ['Deny', 'Strip', 'Warn', 'Audit'], default: 'Deny' } },
    { field: 'injectInto', schema: { enum: ['EciPods', 'AllPods'], default: 'EciPods' } },
    { field: 'expiresAt', schema: { format: 'date-time' } },
  ];

  for (const { field, schema } of bounds) {
    test(`tells ${JSON.stringify(schema)} of ${field}`, () => {
      const { properties } = z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' });

      assert.partialDeepStrictEqual(properties?.[field], schema);
    });
  }

  test('requires roles alone of the fields of spec', () => {
    assert.deepEqual(z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' }).required, ['roles']);
  });
});

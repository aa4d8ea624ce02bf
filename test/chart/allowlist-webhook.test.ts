// What warns of allowlists is there where they are objects, and never in the way.
import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { SOURCES, TLS_MODES } from './cases.ts';
import { find, render, type Values } from './helm.ts';

const webhooksSchema = z.array(
  z.object({ name: z.string(), failurePolicy: z.string(), timeoutSeconds: z.number() }),
);

function allowlistWebhooks(values: Values) {
  const { webhooks } = find(render(values), 'ValidatingWebhookConfiguration');
  return webhooksSchema.parse(webhooks).filter(({ name }) => name === 'validate-allowlists.eci-ram-role.io');
}

for (const [mode, tls] of Object.entries(TLS_MODES)) {
  for (const source of SOURCES) {
    test(`with ${mode} and ${source} allowlists ${source === 'cluster' ? 'pass without an answer' : 'are no matter of admission'}`, () => {
      assert.deepEqual(
        allowlistWebhooks({ tls, source }),
        source === 'cluster'
          ? [{ name: 'validate-allowlists.eci-ram-role.io', failurePolicy: 'Ignore', timeoutSeconds: 1 }]
          : [],
      );
    });
  }
}

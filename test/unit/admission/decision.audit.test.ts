import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { auditOfRole } from '../../../src/admission/decision.ts';

suite('auditOfRole', () => {
  const cases = [
    {
      role: 'reader',
      allowlists: ['a', 'b'],
      annotations: { decision: 'allow', role: 'reader', allowlist: 'a,b' },
    },
    { role: 'reader', allowlists: [], annotations: { decision: 'allow', role: 'reader', allowlist: '' } },
    { role: 'a\nb', allowlists: ['a'], annotations: { decision: 'allow', role: 'a\uFFFDb', allowlist: 'a' } },
    {
      role: 'x'.repeat(90),
      allowlists: ['a'],
      annotations: { decision: 'allow', role: 'x'.repeat(80), allowlist: 'a' },
    },
  ];

  for (const { role, allowlists, annotations } of cases) {
    test(`keeps ${JSON.stringify(annotations).slice(0, 70)}`, () => {
      assert.deepEqual(auditOfRole('allow', role, allowlists), annotations);
    });
  }
});

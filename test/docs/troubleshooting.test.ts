// docs/troubleshooting.md quotes what really is printed: the source, the chart or its values hold each text, but for those
// that its last comment names as others'.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import type { RestartReason } from '../../src/kubernetes/reflector.ts';
import type { ReadyCondition } from '../../src/policy/ready-condition.ts';
import { createRegistry } from '../builders/registry.ts';
import { findQuotedTexts } from './find-quoted-texts.ts';
import { findUnheldParts, parseSourceWords, readSourceWords } from './source-words.ts';

const PROJECT = join(import.meta.dirname, '../..');
const CHART = 'charts/eci-ram-role-webhook';

/** The checker sees that none is missing. */
const REASONS_TO_BEGIN_ANEW: Readonly<Record<RestartReason, true>> = {
  ...{ unauthorized: true, forbidden: true, expired: true, throttled: true, 'server-error': true },
  ...{ idle: true, connection: true },
};
const REASONS_NOT_TO_ACCEPT: Readonly<Record<Exclude<ReadyCondition['reason'], 'Accepted'>, true>> = {
  ...{ Conflict: true, Expired: true, Invalid: true, OverBound: true },
};

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

/** The path of each value, also of those that hold others. */
function listPaths(values: unknown, prefix = ''): readonly string[] {
  return typeof values === 'object' && values !== null && !Array.isArray(values)
    ? Object.entries(values).flatMap(([key, value]) => [
        `${prefix}${key}`,
        ...listPaths(value, `${prefix}${key}.`),
      ])
    : [];
}

suite('docs/troubleshooting.md', () => {
  const { texts, ofOthers } = findQuotedTexts(read('docs/troubleshooting.md'));
  const source = [
    ...readSourceWords('src/**/*.ts', `${CHART}/templates/*.*`, `${CHART}/crds/*.yaml`),
    ...createRegistry()
      .getMetricsAsArray()
      .map(({ name }) => name),
    ...listPaths(parse(read(`${CHART}/values.yaml`))),
  ];
  const unheld = texts.flatMap((text) => findUnheldParts(text, source));

  test('quotes nothing that neither we nor, as it says, others print', () => {
    const known = new Set(ofOthers.flatMap((text) => [text, ...findUnheldParts(text, source)]));
    assert.ok(texts.length > 80, `${texts.length} texts`);
    assert.deepEqual(
      unheld.filter((part) => !known.has(part)),
      [],
    );
  });

  test('calls no text that of others which it does not quote, or which we print', () => {
    assert.deepEqual(
      ofOthers.filter((text) => {
        const parts = findUnheldParts(text, source);
        return parts.length === 0 || !parts.every((part) => unheld.includes(part));
      }),
      [],
    );
  });

  test('tells of every reason that the log or the status of a list may give', () => {
    const reasons = Object.keys({ ...REASONS_TO_BEGIN_ANEW, ...REASONS_NOT_TO_ACCEPT });
    assert.deepEqual(
      reasons.filter((reason) => !texts.includes(reason)),
      [],
    );
  });
});

suite('the texts that a document quotes', () => {
  const MARKDOWN = `A \`role "…" is
  refused\`, by \`kubectl get pods\` with \`--wait\`: \`refused\`, \`refused\`.
- Then:

  \`\`\`
  --port: expected one
  \`\`\`

\`\`\`sh
kubectl logs | grep '"msg":"decided"' | grep -v other
\`\`\`
<!-- By others: \`timed out\`. -->
`;

  test('are its code but for commands, and the fields that those look for', () => {
    assert.deepEqual(findQuotedTexts(MARKDOWN), {
      texts: ['role "…" is refused', 'refused', '--port: expected one', '"msg":"decided"'],
      ofOthers: ['timed out'],
    });
  });
});

suite('the source holds a text', () => {
  const SOURCE = parseSourceWords(`
    // A comment says nothing.
    throw new Error('a list that is "empty"');
    const line = \`[-]\${name} failed: \${reason}\`;
    const metric = \`\${PREFIX}restarts_total\`;
    log({ reason }, 'begun anew');
    const three = \`\${a} \${b} ended\`;
`);
  const cases = [
    { name: 'word for word', text: 'a list that is "empty"', unheld: [] },
    { name: 'as a part of a longer one', text: 'list that', unheld: [] },
    { name: 'not where a word differs', text: 'a list that was', unheld: ['a list that was'] },
    { name: 'not where words stand in another order', text: 'that list', unheld: ['that list'] },
    { name: 'not where a comment alone says it', text: 'says nothing', unheld: ['says nothing'] },
    { name: 'not where only a part of a word is there', text: 'begun an', unheld: ['begun an'] },
    { name: 'with a word filled in', text: '[-]source failed', unheld: [] },
    { name: 'with the beginning of a word filled in', text: 'eci_restarts_total', unheld: [] },
    { name: 'not where all of it would be filled in', text: 'any two', unheld: ['any two'] },
    { name: 'not where most of it would be', text: 'any two ended', unheld: ['any two ended'] },
    { name: 'in the parts between which something was left out', text: 'list … "empty"', unheld: [] },
    { name: 'in part', text: '[-]source failed: begun again', unheld: ['begun again'] },
    { name: 'as a field of a line of the log', text: '"msg":"begun anew"', unheld: [] },
    { name: 'as a metric with a label', text: 'eci_restarts_total{reason="failed"}', unheld: [] },
  ];
  for (const { name, text, unheld } of cases) {
    test(name, () => assert.deepEqual(findUnheldParts(text, SOURCE), unheld));
  }
});

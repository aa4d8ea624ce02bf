import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findProblems } from '../../scripts/prose/find-problems.ts';
import type { ProseKind } from '../../scripts/prose/settings.ts';
import { PROJECT, runProcess } from '../support/run-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const WORDS_31 = `Two ${'words '.repeat(29)}end.`;
const TOO_LONG = '31 words in a sentence => at most 30: make it two';
const MENDED = 'mended => fix';

type Case = Readonly<{ title: string; kind: ProseKind; content: string; expected: readonly string[] }>;

const cases: readonly Case[] = [
  {
    title: 'finds both in a paragraph of Markdown, a list and a cell of a table',
    kind: 'markdown',
    content: `# Page\n\nIt is\nmended. ${WORDS_31}\n\n- mended\n\n| a | b |\n| - | - |\n| mended | ${WORDS_31} |\n`,
    expected: [
      `4:1: ${MENDED}`,
      `4:9: ${TOO_LONG}`,
      `6:3: ${MENDED}`,
      `10:3: ${MENDED}`,
      `10:12: ${TOO_LONG}`,
    ],
  },
  {
    title: 'counts a sentence across lines',
    kind: 'markdown',
    content: `${WORDS_31.replaceAll('words words', 'words\nwords')}\n`,
    expected: [`1:1: ${TOO_LONG}`],
  },
  {
    title: 'passes code and counts a span of it as one word',
    kind: 'markdown',
    content: `It runs \`mended ${WORDS_31}\`.\n\n\`\`\`sh\nmended ${WORDS_31}\n\`\`\`\n`,
    expected: [],
  },
  {
    title: 'finds both in comments of YAML alone',
    kind: 'yamlComments',
    content: `mended: 1\n  # It is\n  # mended.\nkey: mended\n# ${WORDS_31}\n`,
    expected: [`3:5: ${MENDED}`, `5:3: ${TOO_LONG}`],
  },
  {
    title: 'finds both in descriptions of a CRD alone',
    kind: 'crdDescriptions',
    content: `spec:\n  mended: mended\n  description: It is mended.\n  more:\n    description: "${WORDS_31}"\n`,
    expected: [`3:22: ${MENDED}`, `5:19: ${TOO_LONG}`],
  },
  {
    title: 'finds both in the sentences of NOTES, not in their commands and actions',
    kind: 'helmNotes',
    content: `{{- if .mended }}\nIt is {{ .Values.mended }} and mended.\n\n  kubectl mended\n{{- end }}\n${WORDS_31}\n`,
    expected: [`2:32: ${MENDED}`, `6:1: ${TOO_LONG}`],
  },
  {
    title: 'finds both in strings and templates of TypeScript, not in code, comments and what is filled in',
    kind: 'typescriptStrings',
    content: `// mended\nconst mended = 'It is mended';\nconst b = \`\${mended} \${[1].map(() => \`mended\`)} mended\`;\nconst c = \`\${b} ${WORDS_31.slice('Two '.length)}\`;\n`,
    expected: [`2:23: ${MENDED}`, `3:39: ${MENDED}`, `3:49: ${MENDED}`, `4:12: ${TOO_LONG}`],
  },
];

const words: readonly Readonly<{ text: string; expected: readonly string[] }>[] = [
  { text: 'Roles are checked. What follows is a name.', expected: ['What'] },
  { text: 'A pod gets what it names, by what it is.', expected: ['by what'] },
  { text: 'What is it? See what it does.', expected: [] },
  { text: 'Where none is, a pod waits; a namespace where it starts.', expected: ['Where'] },
  { text: 'Whoever writes lists, or a list of roles, as JSON list.', expected: ['Whoever', 'lists'] },
  { text: 'The API server may list pods, list and watch them, by list-watch.', expected: [] },
  { text: 'A pod is refused: connection refused.', expected: ['refused'] },
  { text: 'It has leave to read. Leave the others out.', expected: ['has leave'] },
  {
    text: 'It takes in all places, takes effect in one place, in place.',
    expected: ['takes in', 'one place'],
  },
];

describe('the check of prose', () => {
  for (const { title, kind, content, expected } of cases) {
    it(title, async () => {
      const problems = await findProblems(kind, content);
      assert.deepEqual(
        problems.map(({ line, column, message }) => `${line}:${column}: ${message}`),
        expected,
      );
    });
  }

  for (const { text, expected } of words) {
    it(`finds ${expected.join(' and ') || 'nothing'} in "${text}"`, async () => {
      const problems = await findProblems('markdown', text);
      assert.deepEqual(
        problems.map(({ message }) => message.split(' => ')[0]),
        expected,
      );
    });
  }

  it('fails and names file, line, column and what to write instead', async (t) => {
    const root = temporaryDirectory(t);
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'docs/page.md'), 'It is mended.\n');
    const check = runProcess(t, process.execPath, [join(PROJECT, 'scripts/check-prose.ts'), root]);
    assert.equal(await check.ended, 1);
    assert.equal(check.stderr(), `docs/page.md:1:7: ${MENDED}\n`);
    writeFileSync(join(root, 'docs/page.md'), 'It is fixed.\n');
    assert.equal(
      await runProcess(t, process.execPath, [join(PROJECT, 'scripts/check-prose.ts'), root]).ended,
      0,
    );
  });
});

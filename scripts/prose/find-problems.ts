import { join } from 'node:path';
import { TextlintKernel } from '@textlint/kernel';
import markdownPlugin from '@textlint/textlint-plugin-markdown';
import prh from 'textlint-rule-prh';
import { findPassages, type ProseLine } from './passages.ts';
import { sentenceLength } from './sentence-length.ts';
import type { ProseKind } from './settings.ts';

/** A word or a sentence to write otherwise; line and column count from 1. */
export type ProseProblem = { readonly line: number; readonly column: number; readonly message: string };

/** Between two passages, so that they are two paragraphs. */
const BLANK: ProseLine = { text: '', line: 1, column: 1 };

const kernel = new TextlintKernel();
const OPTIONS = {
  ext: '.md',
  configBaseDir: import.meta.dirname,
  plugins: [{ pluginId: 'markdown', plugin: markdownPlugin.default }],
  rules: [
    {
      ruleId: 'words',
      rule: prh.default,
      options: {
        rulePaths: [join(import.meta.dirname, 'words.yaml')],
        checkLink: true,
        checkBlockQuote: true,
        checkEmphasis: true,
      },
    },
    { ruleId: 'sentence-length', rule: sentenceLength },
  ],
};

/** The problems of a file's prose. */
export async function findProblems(kind: ProseKind, content: string): Promise<readonly ProseProblem[]> {
  const lines = findPassages[kind](content).flatMap((passage) => [...passage, BLANK]);
  const { messages } = await kernel.lintText(lines.map(({ text }) => text).join('\n'), OPTIONS);
  return messages.map(({ loc: { start }, message }) => {
    const { line, column } = lines[start.line - 1] ?? BLANK;
    return { line, column: column + start.column - 1, message };
  });
}

import type { TextlintRuleModule } from '@textlint/types';
import { SentenceSplitterSyntax, split } from 'sentence-splitter';
import { MAX_WORDS_IN_A_SENTENCE } from './settings.ts';

const CODE = /`[^`]+`/g;
const WORD = /[\p{L}\p{N}]/u;

/** A textlint rule: no sentence of a paragraph or of a table's cell is too long. A code span counts as one word. */
export const sentenceLength: TextlintRuleModule = ({ Syntax, getSource, report, RuleError, locator }) => {
  const check = (node: Parameters<typeof report>[0]) => {
    const text = getSource(node).replace(CODE, (code) => 'x'.repeat(code.length));
    for (const { type, raw, range } of split(text)) {
      const words = raw.split(/\s+/).filter((word) => WORD.test(word)).length;
      if (type === SentenceSplitterSyntax.Sentence && words > MAX_WORDS_IN_A_SENTENCE) {
        report(
          node,
          new RuleError(`${words} words in a sentence => at most ${MAX_WORDS_IN_A_SENTENCE}: make it two`, {
            padding: locator.at(range[0]),
          }),
        );
      }
    }
  };
  return { [Syntax.Paragraph]: check, [Syntax.TableCell]: check };
};

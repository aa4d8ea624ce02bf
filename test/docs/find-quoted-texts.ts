const FENCE = /^( *)```(\w*)\n(.*?)^\1```$/gms;
const COMMENT = /<!--(.*?)-->/gs;
/** A field of a line of JSON. */
const FIELD = /"\w+":"[^"]+"/g;
const CODE = /`([^`]+)`/g;

/** What kubectl and helm are told to do: commands, and flags of theirs. */
const COMMAND = /^(kubectl|helm) |^--[-a-z]+( |=|$)/;

/** The texts that a Markdown document quotes. */
export type QuotedTexts = Readonly<{
  /** In the order in which they first stand there; `…` stands for what differs. */
  texts: readonly string[];
  /** Those that its comments say others print or write. */
  ofOthers: readonly string[];
}>;

/**
 * Finds all that stands as code in a document's prose, or in a block that is of no language, and is no command; and the
 * fields of log lines that commands look for. Code in a comment is what somebody else prints.
 */
export function findQuotedTexts(markdown: string): QuotedTexts {
  const blocks = [...markdown.matchAll(FENCE)];
  const prose = markdown.replaceAll(FENCE, '');
  const texts = [
    ...findCode(prose.replaceAll(COMMENT, '')),
    ...blocks.flatMap(([, , language, text = '']) =>
      language === '' ? text.trim().split(/\s*\n\s*/) : (text.match(FIELD) ?? []),
    ),
  ];
  return {
    texts: [...new Set(texts)].filter((text) => !COMMAND.test(text)),
    ofOthers: [...prose.matchAll(COMMENT)].flatMap(([, comment = '']) => findCode(comment)),
  };
}

function findCode(prose: string): readonly string[] {
  return [...prose.matchAll(CODE)].map(([, text = '']) => text.replaceAll(/\s+/g, ' '));
}

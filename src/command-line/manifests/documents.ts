/** A part of a file that is parsed on its own, and the number of its first line, from 1. */
export type DocumentText = Readonly<{ text: string; line: number }>;

const DOCUMENT_START = /^---(?:\s|$)/;
const HAS_CONTENT = /^(?!---\s*$)[^\s#%]/;

/**
 * Splits a text into its documents, so that only one of them is in memory at a time. `---` at the start of a line begins a
 * document even inside a scalar. So does `{` on the line after a `}`: concatenated JSON, which `jq` prints.
 */
export function* splitDocuments(chunks: Iterable<string>): Generator<DocumentText, void> {
  let lines: string[] = [];
  let hasContent = false;
  let lastCharacter = '';
  let first = 1;
  let next = 1;
  for (const line of splitLines(chunks)) {
    const isStart = DOCUMENT_START.test(line) || (lastCharacter === '}' && line.startsWith('{'));
    if (isStart && hasContent) {
      yield { text: lines.join('\n'), line: first };
      lines = [];
      hasContent = false;
      first = next;
    }
    lines.push(line);
    hasContent ||= HAS_CONTENT.test(line) || /^\s+[^\s#]/.test(line);
    lastCharacter = line.trimEnd().at(-1) ?? lastCharacter;
    next += 1;
  }
  if (hasContent) {
    yield { text: lines.join('\n'), line: first };
  }
}

function* splitLines(chunks: Iterable<string>): Generator<string, void> {
  let rest: string[] = [];
  for (const chunk of chunks) {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      yield rest.length === 0 ? line : rest.join('') + line;
      rest = [];
    }
    rest.push(last);
  }
  yield rest.join('');
}

import jsTokens from 'js-tokens';
import { isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { ProseKind } from './settings.ts';

/** A line of prose, and its place in the file: both count from 1. */
export type ProseLine = { readonly text: string; readonly line: number; readonly column: number };

/** Lines that belong together, as Markdown. */
export type Passage = readonly ProseLine[];

/** How the passages of a file are found. */
export const findPassages: Readonly<Record<ProseKind, (content: string) => readonly Passage[]>> = {
  markdown: (content) => [linesFrom(content, 1, 1)],
  yamlComments: (content) => groupLines(content, /^\s*#( ?)(?=\S)/),
  crdDescriptions,
  helmNotes: (content) => groupLines(content.replace(/\{\{.*?\}\}/gs, maskTemplate), /^(?=\S)/),
  typescriptStrings,
};

function linesFrom(text: string, line: number, column: number): Passage {
  return text
    .split('\n')
    .map((each, index) => ({ text: each, line: line + index, column: index === 0 ? column : 1 }));
}

/** Neighbouring lines that begin with `start`, without it. */
function groupLines(content: string, start: RegExp): readonly Passage[] {
  const passages: ProseLine[][] = [[]];
  for (const [index, line] of content.split('\n').entries()) {
    const [skipped] = start.exec(line) ?? [];
    if (skipped === undefined) {
      passages.push([]);
    } else {
      passages
        .at(-1)
        ?.push({ text: line.slice(skipped.length), line: index + 1, column: skipped.length + 1 });
    }
  }
  return passages.filter((passage) => passage.length > 0);
}

/** An action that stands alone vanishes with its line; one within a sentence is a word of the same length. */
function maskTemplate(action: string): string {
  return /^\{\{-? *(?:if|else|end|\$)/.test(action) ? ' '.repeat(action.length) : 'X'.repeat(action.length);
}

function crdDescriptions(content: string): readonly Passage[] {
  const lineCounter = new LineCounter();
  const passages: Passage[] = [];
  visit(parseDocument(content, { lineCounter }), {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'description' && isScalar(value) && value.range) {
        const [start, end] = value.range;
        const { line, col } = lineCounter.linePos(start);
        passages.push(linesFrom(content.slice(start, end).replace(/^"(.*)"$/s, ' $1'), line, col));
      }
    },
  });
  return passages;
}

/** Each string literal and template; what a template fills in becomes a word of the same length. */
function typescriptStrings(content: string): readonly Passage[] {
  const passages: Passage[] = [];
  const open: { readonly start: number; text: string }[] = [];
  let offset = 0;
  for (const { type, value } of jsTokens(content)) {
    const template = open.at(-1);
    if (type === 'StringLiteral' || type === 'NoSubstitutionTemplate') {
      passages.push(literalAt(content, offset, value));
    }
    if (type === 'TemplateHead') {
      open.push({ start: offset, text: value.replace(/\$\{$/, 'XX') });
    } else if (template !== undefined && type === 'TemplateMiddle') {
      template.text += value.replace(/^\}/, 'X').replace(/\$\{$/, 'XX');
    } else if (template !== undefined && type === 'TemplateTail') {
      const text = template.text + value.replace(/^\}/, 'X');
      passages.push(literalAt(content, template.start, text));
      open.pop();
      fillIn(open.at(-1), text);
    } else {
      fillIn(template, value);
    }
    offset += value.length;
  }
  return passages;
}

function fillIn(template: { text: string } | undefined, code: string): void {
  if (template !== undefined) {
    template.text += code.replace(/[^\n]/g, 'X');
  }
}

function literalAt(content: string, offset: number, literal: string): Passage {
  const before = content.slice(0, offset).split('\n');
  const text = literal.slice(1, -1);
  const indent = text.length - text.trimStart().length;
  return linesFrom(text.trimStart(), before.length, (before.at(-1)?.length ?? 0) + 2 + indent);
}

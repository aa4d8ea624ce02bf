import process from 'node:process';
import { styleText } from 'node:util';
import type { LabelSelector } from '../policy/label-selector.ts';

/** How a text stands out on a terminal. */
export type Style = 'red' | 'yellow' | 'green' | 'bold' | 'dim';

/** Where a command writes: its answer to standard output, notes for a person to standard error. */
export type Output = Readonly<{
  /** Prints a text that ends its own lines. */
  write: (text: string) => void;
  /** Prints a line. */
  print: (line: string) => void;
  /** Prints a line to standard error. */
  note: (line: string) => void;
  /** Styles a text if standard output is a terminal with colors, and neither NO_COLOR nor TERM=dumb forbids them. */
  style: (style: Style, text: string) => string;
  /** Whether standard output is a terminal. */
  isTerminal: boolean;
}>;

/** The output of this process. Ends the process if the reader of its answer is gone, or the disk is full. */
export function createOutput(): Output {
  const { stdout, stderr } = process;
  stdout.once('error', ({ message }) => {
    stderr.write(`standard output: ${message}\n`);
    process.exit(1);
  });
  return {
    write: (text) => stdout.write(text),
    print: (line) => stdout.write(`${line}\n`),
    note: (line) => stderr.write(`${line}\n`),
    style: (style, text) => styleText(style, text, { stream: stdout }),
    isTerminal: stdout.isTTY === true,
  };
}

/** Prints a JSON value, indented, as a whole. */
export function printJson({ write }: Output, value: unknown): void {
  write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints notes for a person, such as facts that are missing. */
export function printNotes({ note }: Output, notes: readonly string[]): void {
  for (const text of notes) {
    note(`note: ${text}`);
  }
}

/** A selector as kubectl prints it, such as `team=a,tier in (x,y)`; empty if there is none. */
export function describeSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) {
    return '';
  }
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      const list = `(${values.join(',')})`;
      return { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, Exists: key, DoesNotExist: `!${key}` }[
        operator
      ];
    }),
  ];
  return parts.join(',') || '(all namespaces)';
}

/** A cell of a table: its text, and how it stands out. */
export type Cell = string | Readonly<{ text: string; style: Style }>;

const GAP = '  ';

/**
 * Prints a table: in aligned columns below their titles on a terminal; otherwise without titles and with a tab between
 * two cells, so that `cut` and `awk` can read it.
 */
export function printTable(
  output: Output,
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  if (!output.isTerminal) {
    for (const row of rows) {
      output.print(row.map(textOf).join('\t'));
    }
    return;
  }
  const widths = titles.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, textOf(row[column] ?? '').length), title.length),
  );
  const pad = (text: string, column: number) =>
    column === titles.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - text.length);
  output.print(titles.map((title, column) => output.style('bold', title) + pad(title, column)).join(GAP));
  for (const row of rows) {
    output.print(row.map((cell, column) => shown(output, cell) + pad(textOf(cell), column)).join(GAP));
  }
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function shown({ style }: Output, cell: Cell): string {
  return typeof cell === 'string' ? cell : style(cell.style, cell.text);
}

import { printable } from '../text/printable.ts';

/** A test case of a JUnit report. */
export type JunitCase = Readonly<{
  file: string;
  line: number;
  name: string;
  /** Why the case failed; none if it passed. */
  failures: readonly JunitMessage[];
  /** Why there is no result. */
  errors: readonly JunitMessage[];
  /** What a person should see of a case that passed too. */
  notes: readonly string[];
}>;

export type JunitMessage = Readonly<{ type: string; message: string; text: string }>;

/** Formats cases as JUnit XML, with a suite for each file. */
export function formatJunit(name: string, cases: readonly JunitCase[]): string {
  const suites = [...Map.groupBy(cases, ({ file }) => file)].map(([file, ofFile]) =>
    formatSuite(file, ofFile),
  );
  const counts = formatCounts(cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escapeXml(name)}" ${counts}>\n${suites.join('')}</testsuites>\n`;
}

function formatSuite(file: string, cases: readonly JunitCase[]): string {
  return `  <testsuite name="${escapeXml(file)}" ${formatCounts(cases)}>\n${cases.map(formatCase).join('')}  </testsuite>\n`;
}

function formatCase({ file, line, name, failures, errors, notes }: JunitCase): string {
  const shown = notes.length === 0 ? [] : [`<system-out>${escapeXml(notes.join('\n'))}</system-out>`];
  const parts = [
    ...failures.map((message) => formatMessage('failure', message)),
    ...errors.map((message) => formatMessage('error', message)),
    ...shown,
  ].map((part) => `\n      ${part}`);
  const content = parts.length === 0 ? '' : `${parts.join('')}\n    `;
  return `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}" file="${escapeXml(file)}" line="${line}">${content}</testcase>\n`;
}

function formatMessage(element: 'failure' | 'error', { type, message, text }: JunitMessage): string {
  return `<${element} message="${escapeXml(message)}" type="${escapeXml(type)}">${escapeXml(text)}</${element}>`;
}

function formatCounts(cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failures }) => failures.length > 0).length;
  const errors = cases.filter(({ errors }) => errors.length > 0).length;
  return `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0"`;
}

const MAX_LINE = 4_096;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML cannot hold control characters, but line feeds keep apart the lines of a text. */
function escapeXml(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, MAX_LINE).replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? ''))
    .join('\n');
}

import { printable } from '../../text/printable.ts';
import type { CheckedObject } from './check.ts';
import { type CheckResult, findingsOf, formatLocation, messageOf, nameOf } from './result.ts';

const MAX_TEXT = 4_096;

/** Formats a result as JUnit XML: a suite for each file, a test case for each object. */
export function formatJunit({ objects, problems }: CheckResult): string {
  const files = new Set([...objects, ...problems].map(({ position }) => position.file));
  const failures = objects.filter(isDenied).length;
  const suites = [...files].map((file) =>
    formatSuite(
      file,
      objects.filter(({ position }) => position.file === file),
      problems.filter(({ position }) => position.file === file),
    ),
  );
  const counts = formatCounts(objects.length + problems.length, failures, problems.length);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="eci-ram-role check" ${counts}>\n${suites.join('')}</testsuites>\n`;
}

function formatSuite(
  file: string,
  objects: readonly CheckedObject[],
  problems: CheckResult['problems'],
): string {
  const counts = formatCounts(
    objects.length + problems.length,
    objects.filter(isDenied).length,
    problems.length,
  );
  const cases = [
    ...objects.map(formatObject),
    ...problems.map((problem) => {
      const location = formatLocation(problem.position);
      const error = `<error message="${escapeXml(messageOf(problem))}" type="unreadable"></error>`;
      return formatCase(file, location, problem.position.line, `\n      ${error}\n    `);
    }),
  ];
  return `  <testsuite name="${escapeXml(file)}" ${counts}>\n${cases.join('')}  </testsuite>\n`;
}

function formatObject(object: CheckedObject): string {
  const denied = findingsOf(object, 'denied').map(
    ({ message, position }) =>
      `<failure message="${escapeXml(message)}" type="${object.reason}">${escapeXml(`${formatLocation(position)}: ${message}`)}</failure>`,
  );
  const warnings = findingsOf(object, 'warning').map(
    ({ message, position }) => `${formatLocation(position)}: warning: ${message}`,
  );
  const shown = warnings.length === 0 ? [] : [`<system-out>${escapeXml(warnings.join('\n'))}</system-out>`];
  const parts = [...denied, ...shown].map((part) => `\n      ${part}`);
  const { file, line } = object.position;
  return formatCase(file, nameOf(object), line, parts.length === 0 ? '' : `${parts.join('')}\n    `);
}

function formatCase(file: string, name: string, line: number, content: string): string {
  return `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}" file="${escapeXml(file)}" line="${line}">${content}</testcase>\n`;
}

function formatCounts(tests: number, failures: number, errors: number): string {
  return `tests="${tests}" failures="${failures}" errors="${errors}" skipped="0"`;
}

function isDenied(object: CheckedObject): boolean {
  return object.outcome === 'deny';
}

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
    .map((line) => printable(line, MAX_TEXT).replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? ''))
    .join('\n');
}

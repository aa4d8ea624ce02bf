// Writes the tables of values into the chart's README: each value with its default and the comment above it in values.yaml.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isNode, isScalar, parseDocument, type YAMLMap } from 'yaml';

const CHART = join(import.meta.dirname, '../charts/eci-ram-role-webhook');
const BEGIN = '<!-- Generated from values.yaml by npm run generate:chart -->\n';
const END = '<!-- End of the generated part -->';

/** A value, or a group of values and what they have in common. */
type Row = Readonly<{ section: string | undefined; path: string; fallback: string; meaning: string }>;

if (import.meta.main) {
  const readme = join(CHART, 'README.md');
  const values = readFileSync(join(CHART, 'values.yaml'), 'utf8');
  writeFileSync(readme, buildChartReadme(readFileSync(readme, 'utf8'), values));
}

/** What the chart's README should be, given what it is. Throws where a value has no comment. */
export function buildChartReadme(readme: string, values: string): string {
  const begin = readme.indexOf(BEGIN) + BEGIN.length;
  const end = readme.indexOf(END);
  if (begin < BEGIN.length || end < begin) {
    throw new Error(`the chart's README: expected "${BEGIN.trim()}" and "${END}"`);
  }
  return `${readme.slice(0, begin)}\n${formatTables(readValues(values))}\n${readme.slice(end)}`;
}

function readValues(values: string): readonly Row[] {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) {
    throw new Error('values.yaml: expected a map');
  }
  return readMap(contents, '');
}

function readMap(map: YAMLMap, prefix: string): readonly Row[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key) || !isNode(value)) {
      throw new Error(`values.yaml: ${prefix}: expected keys with values`);
    }
    const path = `${prefix}${key.value}`;
    // The parser gives the comment above the first key of a map to the map, and one below an indented comment to the map before.
    const above = index === 0 ? map.commentBefore : endOf(map.items[index - 1]?.value);
    const comment = key.commentBefore ?? above ?? '';
    const { section, meaning } = readComment(comment);
    if (isMap(value) && isGroup(value)) {
      const group = { section, path, fallback: '', meaning };
      return comment === '' ? readMap(value, `${path}.`) : [group, ...readMap(value, `${path}.`)];
    }
    if (meaning === '') {
      throw new Error(`values.yaml: ${path}: expected a comment above it`);
    }
    return [{ section, path, fallback: JSON.stringify(value.toJSON()), meaning }];
  });
}

/** Of the comments behind a map the last, where a blank line parts it from those before, which are of the map. */
function endOf(value: unknown): string | undefined {
  return isMap(value) && value.comment?.includes('\n\n') ? value.comment.split('\n\n').at(-1) : undefined;
}

/** A map with comments inside groups values; one without is a value as a whole. */
function isGroup(map: YAMLMap): boolean {
  return (
    typeof map.commentBefore === 'string' ||
    map.items.some(
      ({ key, value }) =>
        (isScalar(key) && typeof key.commentBefore === 'string') || (isMap(value) && isGroup(value)),
    )
  );
}

/** `## Title` begins a section; other lines say what the value below means. */
function readComment(comment: string): Readonly<{ section: string | undefined; meaning: string }> {
  const lines = comment.split('\n').map((line) => line.trim());
  const section = lines.find((line) => line.startsWith('# '))?.slice(2);
  const meaning = lines.filter((line) => line !== '' && !line.startsWith('# ')).join(' ');
  return { section, meaning };
}

function formatTables(rows: readonly Row[]): string {
  return rows
    .map(({ section, path, fallback, meaning }) => {
      const heading =
        section === undefined ? '' : `\n### ${section}\n\n| value | default | means |\n| --- | --- | --- |\n`;
      const shown = fallback === '' ? '' : `\`${fallback}\``;
      return `${heading}| \`${path}\` | ${escapePipes(shown)} | ${escapePipes(meaning)} |\n`;
    })
    .join('')
    .trimStart();
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|');
}

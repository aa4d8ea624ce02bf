import { stringify } from 'yaml';

/**
 * The lines of an object, as YAML, that another version of it has in their place, with the lines they hang from:
 * `-` before what went, `+` before what came.
 */
export function changedLines(before: unknown, after: unknown): readonly string[] {
  return compare(toLines(before), toLines(after));
}

type Line = Readonly<{ indent: number; text: string }>;

function toLines(value: unknown): readonly Line[] {
  return stringify(value)
    .trimEnd()
    .split('\n')
    .map((text) => ({ indent: text.length - text.trimStart().length, text }));
}

/** What both begin and end with is the same; between lies the change, since one annotation is all that changes. */
function compare(before: readonly Line[], after: readonly Line[]): readonly string[] {
  const isSame = (left: Line | undefined, right: Line | undefined) => left?.text === right?.text;
  let start = 0;
  while (start < Math.min(before.length, after.length) && isSame(before[start], after[start])) {
    start++;
  }
  let end = 0;
  while (
    end < Math.min(before.length, after.length) - start &&
    isSame(before.at(-1 - end), after.at(-1 - end))
  ) {
    end++;
  }

  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  const indent = Math.min(...[...removed, ...added].map((line) => line.indent));
  return [
    ...parentsOf(before.slice(0, start), indent).map(({ text }) => `  ${text}`),
    ...removed.map(({ text }) => `- ${text}`),
    ...added.map(({ text }) => `+ ${text}`),
  ];
}

function parentsOf(lines: readonly Line[], childIndent: number): readonly Line[] {
  const parents: Line[] = [];
  let indent = childIndent;
  for (const line of lines.toReversed()) {
    if (line.indent < indent) {
      parents.unshift(line);
      indent = line.indent;
    }
  }
  return parents;
}

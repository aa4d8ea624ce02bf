import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const THREAT_MODEL = join(import.meta.dirname, '../../docs/threat-model.md');

/** A way by which a pod can come to carry a role, what stops it in either state of the webhook, and what proves that. */
export type Road = Readonly<{ road: string; up: string; down: string; scenario: string }>;

/** A subresource of pods, such as `pods/status`, or the resource `bindings`; what holds it, and what proves that. */
export type Subresource = Readonly<{ resource: string; held: string; scenario: string }>;

/** Reads the tables of docs/threat-model.md, or of another text in their form. */
export function readThreatModel(text = readFileSync(THREAT_MODEL, 'utf8')): Readonly<{
  roads: readonly Road[];
  subresources: readonly Subresource[];
}> {
  return {
    roads: readTable(text, 'road').map(([road = '', up = '', down = '', scenario = '']) => ({
      ...{ road: road.replaceAll('`', ''), up, down },
      scenario: toPath(scenario),
    })),
    subresources: readTable(text, 'subresource').map(([resource = '', held = '', scenario = '']) => ({
      ...{ resource: resource.replaceAll('`', ''), held, scenario: toPath(scenario) },
    })),
  };
}

/** The path, from the project's directory, of a cell that is a link; empty where it is none. */
function toPath(cell: string): string {
  return /^\[[^\]]*\]\(\.\.\/(\S+)\)$/.exec(cell)?.[1] ?? '';
}

/** The cells of a Markdown document's tables whose first column has this title, a list for each row. */
function readTable(text: string, title: string): readonly (readonly string[])[] {
  const tables = text.replaceAll(/<!--.*?-->/gs, '').matchAll(/^\|.*\n\|[-| ]+\|\n((?:\|.*\n)*)/gm);
  return [...tables]
    .filter(([table]) => toCells(table.split('\n')[0] ?? '')[0] === title)
    .flatMap(([, rows = '']) => rows.split('\n').slice(0, -1).map(toCells));
}

function toCells(row: string): readonly string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

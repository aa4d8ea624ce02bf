import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const THREAT_MODEL = join(import.meta.dirname, '../../docs/threat-model.md');

/** A way by which a pod can come to carry a role, what stops it in either state of the webhook, and what proves that. */
export type Road = Readonly<{ road: string; up: string; down: string; scenario: string }>;

/** A subresource of pods, such as `pods/status`, or the resource `bindings`; what holds it, and what proves that. */
export type Subresource = Readonly<{ resource: string; held: string }>;

/** Reads the tables of docs/threat-model.md, or of another text in their form. */
export function readThreatModel(text = readFileSync(THREAT_MODEL, 'utf8')): Readonly<{
  roads: readonly Road[];
  subresources: readonly Subresource[];
}> {
  return {
    roads: readTable(text, 'road').map(([road = '', up = '', down = '', scenario = '']) => ({
      ...{ road: road.replaceAll('`', ''), up, down },
      scenario: /^\[[^\]]*\]\(\.\.\/(\S+)\)$/.exec(scenario)?.[1] ?? '',
    })),
    subresources: readTable(text, 'subresource').map(([resource = '', held = '']) => ({
      ...{ resource: resource.replaceAll('`', ''), held },
    })),
  };
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

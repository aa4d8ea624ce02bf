import type { Road } from './read-threat-model.ts';

/** A scenario names its roads so: `road: '…'` in a table, or `'road: …'` as the title of a suite or a test. */
const ROAD = /\broad: (['"])(.+?)\1|(['"])road: (.+?)\3/g;

/**
 * What is wrong with a table of roads, a line each: both it and the scenarios, given as the text of each file by its path,
 * must name the same roads.
 */
export function findProblems(
  roads: readonly Road[],
  scenarios: ReadonlyMap<string, string>,
): readonly string[] {
  const proven = new Map([...scenarios].map(([path, text]) => [path, roadsOf(text)]));
  const names = roads.map(({ road }) => road);
  return [
    ...names.filter((road, index) => names.indexOf(road) < index).map((road) => `${road}: is there twice`),
    ...roads
      .filter(({ up, down }) => up === '' || down === '')
      .map(({ road }) => `${road}: says nothing of a state of the webhook`),
    ...roads.flatMap((road) => problemOf(road, proven) ?? []),
    ...[...proven].flatMap(([path, known]) =>
      known.filter((road) => !names.includes(road)).map((road) => `${road}: a road of ${path}, in no row`),
    ),
  ];
}

function problemOf(
  { road, scenario }: Road,
  proven: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  if (scenario === '') {
    return `${road}: names no scenario file`;
  }
  const known = proven.get(scenario);
  if (known === undefined) {
    return `${road}: there is no ${scenario}`;
  }
  return known.includes(road) ? undefined : `${road}: ${scenario} has no such road`;
}

function roadsOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(ROAD)].map(([, , inTable, , inTitle]) => inTable ?? inTitle ?? ''))];
}

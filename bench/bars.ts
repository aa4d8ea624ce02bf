import type { AllowlistFigures } from './allowlists/figures.ts';
import { type CaseFigures, type ProcessFigures, ratioOfWork } from './report.ts';
import { median } from './statistics.ts';
import { printTable } from './table.ts';

const MIB = 1024 * 1024;

/** Prints what is promised, what was found, and whether one meets the other. Of the cases the worst counts. */
export function printBars(
  cases: readonly CaseFigures[],
  { startMs, idleBytes = Number.NaN, loadedBytes = Number.NaN }: ProcessFigures,
  allowlists: readonly AllowlistFigures[],
  checkMs: readonly number[],
): void {
  const worst = (some: readonly CaseFigures[], ours: number, theirs: number) =>
    Math.min(...some.map(({ servers }) => ratioOfWork(servers[ours], servers[theirs])));
  const [withRole, withoutRole] = [
    cases.filter(({ hasRole }) => hasRole),
    cases.filter(({ hasRole }) => !hasRole),
  ];
  printTable('Bars and goals, of speed by processor time', [
    ['', 'wanted', 'found', ''],
    atLeast('bar: warn, by bare Fastify', 0.95, worst(cases, 0, 2)),
    atLeast('bar: info, pods with a role, by bare Fastify', 0.8, worst(withRole, 3, 2)),
    atLeast('bar: info, pods without a role, by bare Fastify', 0.95, worst(withoutRole, 3, 2)),
    atLeast('goal: warn, by node:https', 0.95, worst(cases, 0, 1)),
    atMost('bar: time of a review, most allowlists by fewest', 1.1, allowlists.at(-1)?.ratio ?? Number.NaN),
    atMost('bar: MiB idle', 95, idleBytes / MIB),
    atMost('goal', 80, idleBytes / MIB),
    atMost('bar: MiB after load', 125, loadedBytes / MIB),
    atMost('goal', 100, loadedBytes / MIB),
    atMost('bar: ready, ms after start', 400, median(startMs)),
    atMost('bar: check of ten manifests, ms', 400, median(checkMs)),
  ]);
}

function atLeast(name: string, wanted: number, found: number): readonly string[] {
  return [name, `≥ ${wanted}`, format(found), found >= wanted ? 'met' : 'missed'];
}

function atMost(name: string, wanted: number, found: number): readonly string[] {
  return [name, `≤ ${wanted}`, format(found), found <= wanted ? 'met' : 'missed'];
}

function format(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { findTool } from './tools.ts';

export const CHART = join(import.meta.dirname, '../../charts/eci-ram-role-webhook');

/** The chart is for both. */
export const HELMS = ['helm3', 'helm4'] as const;
export type Helm = (typeof HELMS)[number];

export type Values = Readonly<Record<string, unknown>>;

/** A rendered object: what every kind has, and whatever its kind has beside. */
export type Manifest = z.output<typeof manifest>;

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

export type RenderOptions = Readonly<{
  helm?: Helm;
  chart?: string;
  release?: string;
  flags?: readonly string[];
}>;

/** As with a cluster, whose kinds Helm knows: only then the objects of helm test are rendered. */
export const OF_CLUSTER = ['--api-versions', 'v1/Pod'] as const;

type HelmResult = Readonly<{ status: number | null; stdout: string; stderr: string }>;

/** By the command and the values: a render is a function of these. */
const templated = new Map<string, HelmResult>();

/** What `helm template` prints. */
export function renderText(
  values: Values = {},
  { helm = 'helm4', chart = CHART, release = 'eci-ram-role-webhook', flags = [] }: RenderOptions = {},
): string {
  const argv = ['template', release, chart, '--namespace', 'eci-ram-role-system', '--values', '-', ...flags];
  const key = JSON.stringify([helm, argv, values]);
  const { status, stdout, stderr } = templated.get(key) ?? runHelm(helm, argv, values);
  templated.set(key, { status, stdout, stderr });
  if (status !== 0) {
    throw new Error(stderr);
  }
  return stdout;
}

/** What an installation prints; only Helm 4 shows it without a cluster. */
export function renderNotes(values: Values): string {
  const { status, stdout, stderr } = runHelm(
    'helm4',
    ['install', 'eci-ram-role-webhook', CHART, '--dry-run=client', '--values', '-'],
    values,
  );
  if (status !== 0) {
    throw new Error(stderr);
  }
  return stdout.slice(stdout.indexOf('\nNOTES:'));
}

/** The objects `helm template` renders, in an order that does not depend on Helm's version. */
export function render(values: Values = {}, options: RenderOptions = {}): readonly Manifest[] {
  return parseAllDocuments(renderText(values, options))
    .map((document) => {
      // For example, a key that is there twice.
      const [error] = document.errors;
      if (error !== undefined) {
        throw error;
      }
      return document.toJS();
    })
    .filter((object) => object !== null)
    .map((object) => manifest.parse(object))
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

/** One text of rendered objects, to be compared. */
export function format(manifests: readonly Manifest[]): string {
  return manifests.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

/** The one rendered object of a kind, or of a kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    (object) => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name,
  );
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw new Error(`expected one ${kind} ${name ?? ''}, found ${found.length}`);
  }
  return object;
}

/** What `helm lint --strict` says; throws where it fails. */
export function lint(values: Values, helm: Helm): string {
  const { status, stdout, stderr } = runHelm(helm, ['lint', '--strict', CHART, '--values', '-'], values);
  if (status !== 0) {
    throw new Error(`${stdout}${stderr}`);
  }
  return stdout;
}

function runHelm(helm: Helm, argv: readonly string[], values: Values): HelmResult {
  return spawnSync(findTool(helm), argv, {
    input: JSON.stringify(values),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}

function sortKey({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

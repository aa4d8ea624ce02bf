import { resolve } from 'node:path';
import type { AdmissionDeps, DecideRequest } from '../admission/route.ts';
import { asObject } from '../json/json.ts';
import { type LabelSelector, type Labels, labelsOfNew, NAME_LABEL } from '../policy/label-selector.ts';
import { compilePolicy, type Policy } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { createRoutes } from '../routes.ts';
import { type AllowlistReader, createAllowlistReader } from '../sources/files/load.ts';
import {
  byPosition,
  describeWrongKind,
  type FileProblem,
  isAllowlist,
  otherKind,
  toFileProblem,
} from '../sources/files/objects.ts';
import { MAX_LISTED } from '../text/printable.ts';
import { failure, UsableError } from '../text/problem.ts';
import { firstSorted } from '../text/sorted.ts';
import { connect } from './cluster/connect.ts';
import { readClusterAllowlists, readClusterNamespaces } from './cluster/read.ts';
import { type Input, listInputs } from './manifests/inputs.ts';
import { failOnProblems, type Manifest, readManifests } from './manifests/objects.ts';
import { CLUSTER, type PolicyOptions } from './options.ts';

/** A policy as the webhook would have it in force, and the functions by which the webhook decides. */
export type PolicyView = Readonly<{
  policy: Policy;
  options: PolicyOptions;
  /** The namespaces that are known, with their labels. */
  namespaces: ReadonlyMap<string, Labels>;
  /** The labels of a namespace; those of a new namespace if it is not known. */
  labelsOf: (namespace: string) => Labels;
  /** The function that decides the requests of each path. */
  routes: Readonly<Record<string, DecideRequest>>;
  /** Milliseconds since the epoch. */
  now: number;
  /** Facts of the cluster that could not be read. */
  notes: readonly string[];
  /** The files of `--allowlists` that are not among the manifests. */
  allowlistInputs: readonly Input[];
}>;

/** The client that waits for an answer of the webhook: a command has none. */
export const NO_CALLER = () => ({ address: '', onGone: () => undefined });

/** What the files of the user say about the cluster. */
type Facts = Readonly<{ allowlists: Allowlist[]; namespaces: Map<string, Labels>; problems: FileProblem[] }>;

/** Only documents with these words are parsed twice. */
const MAY_BE_FACT = /[Rr]am[Rr]ole[Aa]llow|eci-ram-role\.|Namespace/;

/**
 * Reads the allowlists and namespaces of the options, and those among the manifests.
 *
 * @throws {UsableError} with all problems at once, a line each
 */
export async function readPolicyView(
  options: PolicyOptions,
  now: number,
  manifests: readonly Input[] = [],
): Promise<PolicyView> {
  const facts: Facts = { allowlists: [], namespaces: new Map(), problems: [] };
  const readAllowlist = createAllowlistReader(options.protectedRoles, { labelsAreKnown: true });
  const isOfCluster = options.allowlists.includes(CLUSTER);
  const allowlistInputs = await listInputs(options.allowlists.filter((path) => path !== CLUSTER));
  const namespaceInputs = await listInputs(options.namespaces);
  for (const input of allowlistInputs) {
    for (const manifest of readManifests(input, facts.problems)) {
      addFact(manifest, readAllowlist, facts);
    }
  }
  for (const input of namespaceInputs) {
    for (const manifest of readManifests(input, facts.problems)) {
      addNamespace(manifest, facts);
    }
  }
  if (namespaceInputs.length > 0 && facts.namespaces.size === 0 && facts.problems.length === 0) {
    throw new UsableError(`${options.namespaces.join(', ')}: expected Namespace objects, found none`);
  }
  const known = new Set(allowlistInputs.map(({ path }) => resolve(path)));
  for (const input of manifests.filter(({ path }) => !known.has(resolve(path)))) {
    // Problems of other documents are found when all of them are read.
    for (const manifest of readManifests(input, [], (text) => MAY_BE_FACT.test(text))) {
      addFact(manifest, readAllowlist, facts);
    }
  }
  failOnProblems(facts.problems);
  const paths = new Set(manifests.map(({ path }) => resolve(path)));
  const others = allowlistInputs.filter(({ path }) => !paths.has(resolve(path)));
  const notes = isOfCluster ? await addFactsOfCluster(options, facts) : [];
  return { ...createPolicyView(options, facts.allowlists, facts.namespaces, now, others), notes };
}

/** Adds what the files do not have: an allowlist of a file counts in the stead of the cluster's, as if it were applied. */
async function addFactsOfCluster(options: PolicyOptions, facts: Facts): Promise<readonly string[]> {
  const client = await connect(options);
  const names = new Set(facts.allowlists.map(({ name }) => name));
  const allowlists = await readClusterAllowlists(client);
  facts.allowlists.push(...allowlists.filter(({ name }) => !names.has(name)));
  const namespaces = await readClusterNamespaces(client);
  for (const [name, labels] of namespaces.ok ? namespaces.value : []) {
    facts.namespaces.set(name, facts.namespaces.get(name) ?? labels);
  }
  return namespaces.ok ? [] : [namespaces.problem];
}

function addFact(manifest: Manifest, readAllowlist: AllowlistReader, facts: Facts): void {
  const { apiVersion, kind } = manifest;
  addNamespace(manifest, facts);
  if (isAllowlist(apiVersion, kind)) {
    const allowlist = readAllowlist(manifest);
    if (allowlist.ok) {
      facts.allowlists.push(allowlist.value);
    } else {
      facts.problems.push(...[...allowlist.problem].sort(byPosition));
    }
  } else if (otherKind(apiVersion, kind) === undefined) {
    facts.problems.push(toFileProblem(manifest, describeWrongKind(apiVersion, kind)));
  }
}

function addNamespace(manifest: Manifest, { namespaces }: Facts): void {
  if (manifest.apiVersion === 'v1' && manifest.kind === 'Namespace') {
    namespaces.set(manifest.name, readLabels(manifest));
  }
}

function readLabels({ value, name }: Manifest): Labels {
  const labels = Object.entries(asObject(asObject(value['metadata'])['labels']));
  const texts = labels.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new Map([...texts, [NAME_LABEL, name]]);
}

/** Creates the view of allowlists and namespaces that are known. */
export function createPolicyView(
  options: PolicyOptions,
  allowlists: readonly Allowlist[],
  namespaces: ReadonlyMap<string, Labels>,
  now: number,
  allowlistInputs: readonly Input[] = [],
): PolicyView {
  const { unlistedNamespaces, protectedRoles, eciDetection } = options;
  const policy = compilePolicy(allowlists, { unlistedNamespaces, protectedRoles, eciDetection });
  const ofNew = new Map<string, Labels>();
  const labelsOf = (namespace: string): Labels =>
    namespaces.get(namespace) ?? ofNew.get(namespace) ?? addLabelsOfNew(ofNew, namespace);
  const deps: AdmissionDeps = {
    getPolicy: () => policy,
    now: () => now,
    getNamespaceLabels: labelsOf,
    getNamespaces: () => (namespaces.size === 0 ? undefined : namespaces),
    findExceededBound: () => undefined,
    getPodRole: async () => failure({ kind: 'no-access', message: 'the command line does not read pods' }),
  };
  const routes = createRoutes(deps, { workloadsAction: 'Deny', injectorsAction: 'Deny', ...options });
  return { policy, options, namespaces, labelsOf, routes, now, notes: [], allowlistInputs };
}

/** Always the same map for one namespace, by which the policy finds its selection again. */
function addLabelsOfNew(known: Map<string, Labels>, namespace: string): Labels {
  const labels = labelsOfNew(namespace);
  known.set(namespace, labels);
  return labels;
}

/** The facts that are missing and could change a decision about these namespaces. */
export function notesOf(
  { policy, namespaces, notes }: PolicyView,
  used: ReadonlySet<string>,
): readonly string[] {
  const selectByLabels = [...policy.allowlists.values()].some(
    ({ spec: { namespaceSelector = {} } }) => selectedLabels(namespaceSelector).size > 0,
  );
  const unknown = [...used].filter((namespace) => namespace !== '' && !namespaces.has(namespace));
  return [
    ...notes,
    ...(policy.allowlists.size === 0
      ? ['no allowlist is given; name their files with --allowlists, or put them among the manifests']
      : []),
    ...(selectByLabels && unknown.length > 0
      ? [
          `the labels of these namespaces are not known, and an allowlist selects by labels: ${firstSorted(unknown, MAX_LISTED).join(', ')}; name a file of Namespaces with --namespaces`,
        ]
      : []),
  ];
}

/** The keys that a selector asks for, but for the name that every namespace has as a label. */
function selectedLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector): ReadonlySet<string> {
  const keys = new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]);
  keys.delete(NAME_LABEL);
  return keys;
}

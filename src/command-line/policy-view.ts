import { resolve } from 'node:path';
import * as z from 'zod';
import type { AdmissionDeps, DecideRequest } from '../admission/route.ts';
import { SERVER_OPTIONS } from '../config/options.ts';
import { optionInfo } from '../config/parse.ts';
import { asObject } from '../json/json.ts';
import { type LabelSelector, type Labels, labelsOfNew, NAME_LABEL } from '../policy/label-selector.ts';
import { compilePolicy, type Policy, type PolicySettings } from '../policy/policy.ts';
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
import { type Input, listInputs } from './manifests/inputs.ts';
import { type Manifest, readManifests } from './manifests/objects.ts';

const { unlistedNamespaces, protectedRoles, eciDetection, excludedNamespaces, unmutatedNamespaces } =
  SERVER_OPTIONS.shape;

/** A flag that is given once for each file or directory. */
const paths = () => z.array(z.string().min(1, { error: 'a file or directory, or - for standard input' }));

/** The options of every command that asks the policy: the allowlists, the namespaces and the server's settings. */
export const POLICY_OPTIONS = {
  allowlists: paths().register(optionInfo, {
    argument: 'file-or-directory',
    description: 'RamRoleAllowlists in YAML or JSON; - reads standard input; can be repeated',
    repeated: 'each',
  }),
  namespaces: paths().register(optionInfo, {
    argument: 'file-or-directory',
    description: 'Namespace objects, for the labels that allowlists select by; can be repeated',
    repeated: 'each',
  }),
  ...{ unlistedNamespaces, protectedRoles, eciDetection, excludedNamespaces, unmutatedNamespaces },
};

/** The values of these options. */
export type PolicyOptions = PolicySettings &
  Readonly<{
    allowlists: readonly string[];
    namespaces: readonly string[];
    excludedNamespaces: readonly string[];
    unmutatedNamespaces: readonly string[];
  }>;

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
  /** The files of `--allowlists` that are not among the manifests. */
  allowlistInputs: readonly Input[];
}>;

/** What the files of the user say about the cluster. */
type Facts = Readonly<{ allowlists: Allowlist[]; namespaces: Map<string, Labels>; problems: FileProblem[] }>;

const MAY_BE_FACT = /RamRoleAllow|eci-ram-role|Namespace/i;

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
  const allowlistInputs = await listInputs(options.allowlists);
  const namespaceInputs = await listInputs(options.namespaces);
  for (const input of [...allowlistInputs, ...namespaceInputs]) {
    for (const manifest of readManifests(input, facts.problems)) {
      addFact(manifest, readAllowlist, facts);
    }
  }
  if (namespaceInputs.length > 0 && facts.namespaces.size === 0 && facts.problems.length === 0) {
    throw new UsableError(`${options.namespaces.join(', ')}: expected Namespace objects, found none`);
  }
  const known = new Set([...allowlistInputs, ...namespaceInputs].map(({ path }) => resolve(path)));
  for (const input of manifests.filter(({ path }) => !known.has(resolve(path)))) {
    // Problems of other documents are found when all of them are read.
    for (const manifest of readManifests(input, [], (text) => MAY_BE_FACT.test(text))) {
      addFact(manifest, readAllowlist, facts);
    }
  }
  if (facts.problems.length > 0) {
    throw new UsableError(facts.problems.map(({ line }) => line).join('\n'));
  }
  const paths = new Set(manifests.map(({ path }) => resolve(path)));
  const others = allowlistInputs.filter(({ path }) => !paths.has(resolve(path)));
  return createPolicyView(options, facts.allowlists, facts.namespaces, now, others);
}

function addFact(manifest: Manifest, readAllowlist: AllowlistReader, facts: Facts): void {
  const { apiVersion, kind, name } = manifest;
  if (isAllowlist(apiVersion, kind)) {
    const allowlist = readAllowlist(manifest);
    if (allowlist.ok) {
      facts.allowlists.push(allowlist.value);
    } else {
      facts.problems.push(...[...allowlist.problem].sort(byPosition));
    }
  } else if (apiVersion === 'v1' && kind === 'Namespace') {
    facts.namespaces.set(name, readLabels(manifest));
  } else if (otherKind(apiVersion, kind) === undefined) {
    facts.problems.push(toFileProblem(manifest, describeWrongKind(apiVersion, kind)));
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
  const routes = createRoutes(deps, { ...options, workloadsAction: 'Deny', injectorsAction: 'Deny' });
  return { policy, options, namespaces, labelsOf, routes, now, allowlistInputs };
}

/** Always the same map for one namespace, by which the policy finds its selection again. */
function addLabelsOfNew(known: Map<string, Labels>, namespace: string): Labels {
  const labels = labelsOfNew(namespace);
  known.set(namespace, labels);
  return labels;
}

/** The facts that are missing and could change a decision about these namespaces. */
export function notesOf({ policy, namespaces }: PolicyView, used: ReadonlySet<string>): readonly string[] {
  const selectByLabels = [...policy.allowlists.values()].some(
    ({ spec: { namespaceSelector = {} } }) => selectedLabels(namespaceSelector).size > 0,
  );
  const unknown = [...used].filter((namespace) => namespace !== '' && !namespaces.has(namespace));
  return [
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

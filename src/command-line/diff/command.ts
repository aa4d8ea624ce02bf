import * as z from 'zod';
import type { FileProblem } from '../../sources/files/objects.ts';
import { UsableError } from '../../text/problem.ts';
import { checkManifest } from '../check/check.ts';
import { nameOf } from '../check/result.ts';
import { connect } from '../cluster/connect.ts';
import { readWorkloads } from '../cluster/workloads.ts';
import { defineCommand, ExitCode } from '../command.ts';
import { listInputs } from '../manifests/inputs.ts';
import { failOnProblems, type Manifest, readManifests } from '../manifests/objects.ts';
import {
  CLUSTER,
  filenameOption,
  namespaceOption,
  outputOption,
  POLICY_OPTIONS,
  type PolicyOptions,
} from '../options.ts';
import { type Cell, type Output, printJson, printNotes, printTable } from '../output.ts';
import { createPolicyView, notesOf, type PolicyView, readPolicyView } from '../policy-view.ts';
import { type Change, DIFF_RESULT, type DiffResult, findActions, findChange } from './compare.ts';

/** Compares two sets of allowlists by what they decide. */
export const diffCommand = defineCommand({
  name: 'diff',
  summary: 'what changes if these allowlists replace those?',
  description:
    'Decides pods and workloads by two sets of allowlists, and shows what changes. A set is all allowlists that are in force: one that is only in OLD is deleted. The exit code is 1 if pods are newly denied or get another role.',
  arguments: [
    { name: 'OLD', description: 'a file or directory of allowlists, or the word cluster' },
    { name: 'NEW', description: 'the same after the change' },
  ],
  options: z.object({
    filename: filenameOption('pods and workloads (default: those of the cluster)', 0),
    namespace: namespaceOption(),
    ...withoutAllowlists(),
    output: outputOption(),
  }),
  examples: [
    {
      purpose: 'Compare two files by the pods of a directory; without -f, by those of the cluster',
      command: 'diff examples/developers/allowlists.yaml examples/tests/payments.yaml -f examples/developers',
    },
  ],
  result: DIFF_RESULT,
  run: async (options, [old = '', next = ''], { output, now }) => {
    const [before, after] = await readViews(options, old, next, now);
    const changes: Change[] = [];
    let compared = 0;
    const namespaces = new Set<string>();
    const compare = async (manifest: Manifest) => {
      const first = await checkManifest(manifest, options.namespace, before);
      const second = await checkManifest(manifest, options.namespace, after);
      if (first !== undefined && second !== undefined && first.kind !== 'RamRoleAllowlist') {
        compared += 1;
        namespaces.add(first.namespace);
        changes.push(...findChange(first, second));
      }
    };
    const unread = await forEachManifest(options, old, next, compare);
    const actions = findActions(before, after, namespaces);
    const notes = [...new Set([...unread, ...notesOf(before, namespaces), ...notesOf(after, namespaces)])];
    const result: DiffResult = { command: 'diff', compared, changes, actions, notes };
    if (options.output === 'json') {
      printJson(output, result);
    } else {
      print(result, output);
    }
    const breaks = changes.some(({ change }) => change === 'newly-denied' || change === 'other-role');
    return breaks ? ExitCode.found : ExitCode.clean;
  },
});

function withoutAllowlists() {
  const { allowlists: _, ...others } = POLICY_OPTIONS;
  return others;
}

/** Both know the namespaces that either of them does. */
async function readViews(
  options: Omit<PolicyOptions, 'allowlists'>,
  old: string,
  next: string,
  now: number,
): Promise<readonly [PolicyView, PolicyView]> {
  const before = await readPolicyView({ ...options, allowlists: [old] }, now);
  const after = await readPolicyView({ ...options, allowlists: [next] }, now);
  const namespaces = new Map([...before.namespaces, ...after.namespaces]);
  const withAll = ({ policy, options, notes }: PolicyView): PolicyView => {
    const allowlists = [...policy.allowlists.values()];
    return { ...createPolicyView(options, allowlists, namespaces, now), notes };
  };
  return [withAll(before), withAll(after)];
}

async function forEachManifest(
  { filename, ...cluster }: Readonly<{ filename: readonly string[] }> & Parameters<typeof connect>[0],
  old: string,
  next: string,
  use: (manifest: Manifest) => Promise<void>,
): Promise<readonly string[]> {
  if (filename.length === 0) {
    const isOfCluster = old === CLUSTER || next === CLUSTER || cluster.kubeconfig !== undefined;
    if (!isOfCluster) {
      throw new UsableError(
        'expected -f with pods and workloads, or the word cluster as OLD or NEW, or --kubeconfig',
      );
    }
    return readWorkloads(await connect(cluster), use);
  }
  const problems: FileProblem[] = [];
  for (const input of await listInputs(filename)) {
    for (const manifest of readManifests(input, problems)) {
      await use(manifest);
    }
  }
  failOnProblems(problems);
  return [];
}

const STYLES = {
  'newly-denied': 'red',
  'newly-allowed': 'green',
  'other-role': 'red',
  'other-outcome': 'yellow',
} as const;

function print({ compared, changes, actions, notes }: DiffResult, output: Output): void {
  const describe = ({ outcome, roles }: Change['before']) => `${outcome} ${roles.join(', ')}`.trimEnd();
  printTable(
    output,
    ['CHANGE', 'OBJECT', 'BEFORE', 'AFTER'],
    changes.map((changed): readonly Cell[] => [
      { text: changed.change, style: STYLES[changed.change] },
      nameOf(changed),
      describe(changed.before),
      describe(changed.after),
    ]),
  );
  for (const changed of changes) {
    for (const message of changed.change === 'newly-denied' ? changed.messages : []) {
      output.print(`${nameOf(changed)}: ${message}`);
    }
  }
  for (const { namespace, before, after, isSofter } of actions) {
    const action = `namespace ${namespace}: the action changes from ${before} to ${after}`;
    output.print(isSofter ? output.style('yellow', `${action}, which is softer`) : action);
  }
  output.print(`compared ${compared}, changed ${changes.length}, actions changed ${actions.length}`);
  printNotes(output, notes);
}

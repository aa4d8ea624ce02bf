import * as z from 'zod';
import { isNamespaceName } from '../../policy/names.ts';
import type { FileProblem } from '../../sources/files/objects.ts';
import { quoted } from '../../text/printable.ts';
import { UsableError } from '../../text/problem.ts';
import { defineCommand, ExitCode } from '../command.ts';
import { listInputs } from '../manifests/inputs.ts';
import { failOnProblems, readManifests } from '../manifests/objects.ts';
import { filenameOption, namespaceOption, orCluster, outputOption, POLICY_OPTIONS } from '../options.ts';
import { type Output, printJson, printNotes } from '../output.ts';
import { notesOf, type PolicyView, readPolicyView } from '../policy-view.ts';
import { explainNamespace, NAMESPACE_RESULT, printNamespace } from './namespace.ts';
import { explainPod, POD_RESULT, printPod } from './pod.ts';

/** The output of `explain --output json`. */
const EXPLAIN_RESULT = z
  .object({
    command: z.literal('explain'),
    namespace: NAMESPACE_RESULT.optional(),
    pods: z.array(POD_RESULT).optional(),
    notes: z.array(z.string()).meta({ description: 'Facts that are missing and could change the answer.' }),
  })
  .meta({ title: 'Output of eci-ram-role explain --output json' });

type ExplainResult = z.input<typeof EXPLAIN_RESULT>;

/** Explains a namespace, or the decision on a pod. */
export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'what is in force in this namespace, or for this pod, and why?',
  description:
    'For a namespace: the allowlists that select it, its action, its roles and its default. For a pod or a workload: each rule in order, and what would make the pod pass.',
  arguments: [{ name: 'NAMESPACE', description: 'the name of a namespace', isOptional: true }],
  options: z.object({
    filename: filenameOption('pods and workloads', 0),
    namespace: namespaceOption(),
    ...POLICY_OPTIONS,
    output: outputOption(),
  }),
  examples: [
    {
      purpose: 'Explain a namespace by files; without --allowlists, by the cluster',
      command: 'explain payments --allowlists examples/developers/allowlists.yaml',
    },
    {
      purpose: 'Explain why a pod is denied',
      command:
        'explain -f examples/developers/near-miss.yaml --allowlists examples/developers/allowlists.yaml',
    },
  ],
  result: EXPLAIN_RESULT,
  run: async (options, [name], { output, now }) => {
    checkQuestion(name, options.filename);
    const inputs = await listInputs(options.filename);
    const allowlists = orCluster(options.allowlists);
    const view = await readPolicyView({ ...options, allowlists }, now, inputs);
    const pods = name === undefined ? await explainFiles(inputs, options.namespace, view) : [];
    const used = new Set(name === undefined ? pods.map(({ namespace }) => namespace) : [name]);
    const result: ExplainResult = {
      command: 'explain',
      ...(name === undefined ? { pods: [...pods] } : { namespace: explainNamespace(name, view) }),
      notes: [...notesOf(view, used)],
    };
    if (options.output === 'json') {
      printJson(output, result);
    } else {
      print(result, view, output);
    }
    return pods.some(({ outcome }) => outcome === 'deny') ? ExitCode.found : ExitCode.clean;
  },
});

function checkQuestion(name: string | undefined, files: readonly string[]): void {
  if ((name === undefined) === (files.length === 0)) {
    throw new UsableError('expected a NAMESPACE or -f with a pod, and not both');
  }
  if (name !== undefined && !isNamespaceName(name)) {
    throw new UsableError(`NAMESPACE: expected the name of a namespace, found ${quoted(name)}`);
  }
}

async function explainFiles(
  inputs: Awaited<ReturnType<typeof listInputs>>,
  namespace: string,
  view: PolicyView,
): Promise<NonNullable<ExplainResult['pods']>> {
  const problems: FileProblem[] = [];
  const pods: NonNullable<ExplainResult['pods']> = [];
  for (const input of inputs) {
    for (const manifest of readManifests(input, problems)) {
      const explained = await explainPod(manifest, namespace, view);
      if (explained !== undefined) {
        pods.push(explained);
      }
    }
  }
  if (pods.length === 0 && problems.length === 0) {
    throw new UsableError(
      `${inputs.map(({ path }) => path).join(', ')}: expected a pod or a workload, found none`,
    );
  }
  failOnProblems(problems);
  return pods;
}

function print({ namespace, pods = [], notes }: ExplainResult, view: PolicyView, output: Output): void {
  if (namespace !== undefined) {
    printNamespace(namespace, view, output);
  }
  for (const [index, pod] of pods.entries()) {
    if (index > 0) {
      output.print('');
    }
    printPod(pod, output);
  }
  printNotes(output, notes);
}

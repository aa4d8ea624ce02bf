import * as z from 'zod';
import { optionInfo } from '../../config/parse.ts';
import { oneOf } from '../../config/values.ts';
import { byPosition, type FileProblem, formatPosition } from '../../sources/files/objects.ts';
import { printable } from '../../text/printable.ts';
import { defineCommand, ExitCode } from '../command.ts';
import { formatJunit } from '../junit.ts';
import { listInputs } from '../manifests/inputs.ts';
import { filenameOption, namespaceOption, POLICY_OPTIONS } from '../options.ts';
import { type Cell, type Output, printJson, printNotes, printTable } from '../output.ts';
import { notesOf, readPolicyView } from '../policy-view.ts';
import { type CheckedObject, checkManifests, type Skipped } from './check.ts';
import { CHECK_RESULT, type CheckResult, nameOf, toJson, toJunitCases } from './result.ts';
import { formatSarif } from './sarif.ts';

/** Checks manifests offline: which of their pods are admitted, and with which role. */
export const checkCommand = defineCommand({
  name: 'check',
  summary: 'will the pods of these manifests be admitted, and with which RAM role?',
  description:
    'Decides the pods of manifests as the webhook would: pods, workloads, custom kinds and Lists, in YAML or JSON. Allowlists and Namespaces among the manifests count too. Objects of other kinds are skipped.',
  options: z.object({
    filename: filenameOption('manifests'),
    namespace: namespaceOption(),
    ...POLICY_OPTIONS,
    output: oneOf(['text', 'json', 'junit', 'sarif']).register(optionInfo, {
      short: 'o',
      argument: 'format',
      description: 'format of the result',
      default: 'text',
    }),
  }),
  examples: [
    {
      purpose: 'Check the manifests of a directory',
      command:
        'check -f examples/developers/deployment.yaml --allowlists examples/developers/allowlists.yaml',
    },
    {
      purpose: 'Check the output of another program; objects without a namespace are in payments',
      command:
        'check -f - -n payments --allowlists examples/developers/allowlists.yaml < examples/deployment.yaml',
    },
    {
      purpose: 'Write a SARIF log, which code scanning shows in a pull request',
      command: 'check -f examples/deployment.yaml --allowlists examples/allowlists.yaml -o sarif',
    },
  ],
  result: CHECK_RESULT,
  run: async (options, _args, { output, now }) => {
    const inputs = await listInputs(options.filename);
    const view = await readPolicyView(options, now, inputs);
    const skipped: Skipped = new Map();
    const problems: FileProblem[] = [];
    const objects: CheckedObject[] = [];
    const checking = { namespace: options.namespace, view };
    for await (const checked of checkManifests(inputs, checking, skipped, problems)) {
      objects.push(checked);
    }
    const notes = notesOf(view, new Set(objects.map(({ namespace }) => namespace)));
    const result: CheckResult = { objects, skipped, problems, notes };
    printResult(result, options.output, output);
    printNotes(output, notes);
    if (problems.length > 0) {
      return ExitCode.unusable;
    }
    return objects.some(({ outcome }) => outcome === 'deny') ? ExitCode.found : ExitCode.clean;
  },
});

function printResult(result: CheckResult, format: 'text' | 'json' | 'junit' | 'sarif', output: Output): void {
  switch (format) {
    case 'json':
      printJson(output, toJson(result));
      break;
    case 'sarif':
      printJson(output, formatSarif(result));
      break;
    case 'junit':
      output.write(formatJunit('eci-ram-role check', toJunitCases(result)));
      break;
    case 'text':
      printText(result, output);
  }
}

function printText({ objects, skipped, problems }: CheckResult, output: Output): void {
  const { print, style } = output;
  printTable(
    output,
    ['OUTCOME', 'OBJECT', 'RAM ROLE', 'ALLOWLISTS'],
    objects.map((object) => [
      outcomeCell(object),
      nameOf(object),
      printable(object.roles.join(', ')) || '-',
      printable(object.allowlists.join(', ')) || '-',
    ]),
  );
  for (const object of objects) {
    for (const { level, message, position } of object.findings) {
      const shown = style(level === 'denied' ? 'red' : 'yellow', level);
      print(`${formatPosition(position)}: ${shown}: ${nameOf(object)}: ${message}`);
    }
  }
  for (const { line } of [...problems].sort(byPosition)) {
    print(`${style('red', 'unreadable')}: ${line}`);
  }
  print(summarize(objects, skipped, problems));
}

const OUTCOMES = {
  allow: { text: 'admitted', style: 'green' },
  inject: { text: 'default', style: 'green' },
  strip: { text: 'stripped', style: 'yellow' },
  warn: { text: 'warning', style: 'yellow' },
  audit: { text: 'audited', style: 'yellow' },
  deny: { text: 'denied', style: 'red' },
} as const;

function outcomeCell({ outcome }: CheckedObject): Cell {
  return OUTCOMES[outcome];
}

function summarize(
  objects: readonly CheckedObject[],
  skipped: Skipped | ReadonlyMap<string, number>,
  problems: readonly FileProblem[],
): string {
  const denied = objects.filter(({ outcome }) => outcome === 'deny').length;
  const warned = objects.filter(({ findings }) => findings.some(({ level }) => level === 'warning')).length;
  const others = [...skipped].map(([kind, count]) => `${printable(kind)} ${count}`);
  const parts = [
    `checked ${objects.length}`,
    `denied ${denied}`,
    `with warnings ${warned}`,
    ...(problems.length === 0 ? [] : [`unreadable ${problems.length}`]),
    `skipped ${[...skipped.values()].reduce((sum, count) => sum + count, 0)}${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
  ];
  return parts.join(', ');
}

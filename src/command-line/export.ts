import { Document } from 'yaml';
import * as z from 'zod';
import { DEFAULT_NAMESPACES, SERVER_OPTIONS } from '../config/options.ts';
import { optionInfo } from '../config/parse.ts';
import { namespaces, oneOf, path } from '../config/values.ts';
import { listUnsupported } from '../export/limits.ts';
import { buildMutatingPolicies, listUnsupportedDefaults } from '../export/mutating-admission-policies.ts';
import { buildPolicies } from '../export/validating-admission-policies.ts';
import { readAllowlistFiles, readStandardInput, STANDARD_INPUT } from '../sources/files/read.ts';
import { loadAllowlistFiles } from '../sources/files/source.ts';
import { UsableError } from '../text/problem.ts';
import { defineCommand, ExitCode } from './command.ts';
import { printJson } from './output.ts';

/** Every option of `export`. */
export const EXPORT_OPTIONS = z.object({
  format: oneOf(['validating-admission-policy', 'mutating-admission-policy']).register(optionInfo, {
    argument: 'format',
    description:
      'kind of the objects to write: validating ones allow and deny roles, mutating ones inject default roles',
  }),
  filename: path('a file or directory, or - for standard input').register(optionInfo, {
    short: 'f',
    argument: 'file-or-directory',
    description:
      'RamRoleAllowlists in YAML or JSON; in a directory, all *.yaml, *.yml and *.json files; - reads standard input',
    repeated: 'problem',
  }),
  unlistedNamespaces: SERVER_OPTIONS.shape.unlistedNamespaces,
  protectedRoles: SERVER_OPTIONS.shape.protectedRoles,
  eciDetection: SERVER_OPTIONS.shape.eciDetection,
  excludedNamespaces: namespaces().register(optionInfo, {
    argument: 'names',
    description: 'namespaces that the policies exclude, separated by commas; an empty text means none',
    default: DEFAULT_NAMESPACES,
    repeated: 'add',
  }),
  output: oneOf(['yaml', 'json']).register(optionInfo, {
    short: 'o',
    argument: 'format',
    description: 'YAML with comments, or a List in JSON',
    default: 'yaml',
  }),
});

type ExportOptions = z.output<typeof EXPORT_OPTIONS>;

/** The kinds of policies: how allowlists become them, and the fields that they do not support. */
const FORMATS = {
  'validating-admission-policy': { build: buildPolicies, listUnsupported },
  'mutating-admission-policy': { build: buildMutatingPolicies, listUnsupported: listUnsupportedDefaults },
} as const;

/** Writes allowlists as admission policies. What these do not support is in comments, and on standard error. */
export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write allowlists as admission policies',
  description:
    'Writes RamRoleAllowlists as admission policies and their bindings to standard output. The API server enforces them without the webhook.',
  options: EXPORT_OPTIONS,
  examples: [
    {
      purpose: 'Write the policies of a file of allowlists',
      command: 'export --format validating-admission-policy -f examples/allowlists.yaml',
    },
  ],
  run: async (options, _args, { output }) => {
    const { format, filename, excludedNamespaces } = options;
    const isPiped = filename === '-';
    const reading = isPiped ? await readStandardInput() : readAllowlistFiles(filename);
    const { allowlists, otherKinds } = loadAllowlistFiles(reading, options.protectedRoles, {
      labelsAreKnown: true,
    });
    const built = FORMATS[format].build(allowlists, options, excludedNamespaces);
    if (!built.ok) {
      throw new UsableError(`${isPiped ? STANDARD_INPUT : filename}: ${built.problem}`);
    }

    const { objects, unused } = built.value;
    const notes = [...describeIgnored(otherKinds), ...FORMATS[format].listUnsupported(allowlists, options)];
    for (const note of notes) {
      output.note(note);
    }
    if (options.output === 'json') {
      printJson(output, { apiVersion: 'v1', kind: 'List', items: objects });
    } else {
      const comments = [...describeOrigin(options, allowlists.length), ...describeUnused(unused), ...notes];
      output.write(formatPolicies(objects, comments));
    }
    return ExitCode.clean;
  },
});

function describeOrigin(
  { format, unlistedNamespaces, protectedRoles, eciDetection, excludedNamespaces }: ExportOptions,
  allowlistCount: number,
): readonly string[] {
  const own =
    format === 'mutating-admission-policy'
      ? `--eci-detection=${eciDetection}. Needs Kubernetes 1.36 or later.`
      : `--unlisted-namespaces=${unlistedNamespaces}`;
  return [
    `Written by eci-ram-role-webhook export. Allowlists: ${allowlistCount}. ${own}`,
    `--protected-roles=${protectedRoles.join(',')} --excluded-namespaces=${excludedNamespaces.join(',')}`,
    'Do not edit: export again when the allowlists change. Apply with kubectl apply --server-side.',
  ];
}

function describeIgnored(kinds: ReadonlyMap<string, number>): readonly string[] {
  const counted = [...kinds].map(([kind, count]) => `${kind} (${count})`);
  return counted.length === 0 ? [] : [`objects of other kinds ignored: ${counted.join(', ')}`];
}

function describeUnused(names: readonly string[]): readonly string[] {
  return names.length === 0
    ? []
    : [`Delete these policies and bindings if an earlier export created them: ${names.join(', ')}.`];
}

function formatPolicies(objects: readonly object[], comments: readonly string[]): string {
  const documents = objects.map((object) =>
    new Document(object, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }),
  );
  return `${comments.map((line) => `# ${line}\n`).join('')}${documents.join('---\n')}`;
}

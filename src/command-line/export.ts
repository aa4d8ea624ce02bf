import process from 'node:process';
import { Document } from 'yaml';
import { type ExportConfig, parseExportConfig } from './config/config.ts';
import { listUnsupported } from './export/limits.ts';
import { buildMutatingPolicies, listUnsupportedDefaults } from './export/mutating-admission-policies.ts';
import type { PolicyObject } from './export/policy-object.ts';
import { buildPolicies } from './export/validating-admission-policies.ts';
import { readAllowlistFiles, readStandardInput, STANDARD_INPUT } from './sources/files/read.ts';
import { loadAllowlistFiles } from './sources/files/source.ts';
import { UsableError } from './text/problem.ts';

/** The kinds of policies: how allowlists become them, and the fields that they do not support. */
const FORMATS = {
  'validating-admission-policy': { build: buildPolicies, listUnsupported },
  'mutating-admission-policy': { build: buildMutatingPolicies, listUnsupported: listUnsupportedDefaults },
} as const;

/**
 * Writes allowlists as admission policies to standard output, and the fields that these do not support to standard error too.
 *
 * @throws {UsableError} if the command line or the allowlists are wrong, or exceed the limits of the API server
 */
export async function runExport(argv: readonly string[]): Promise<void> {
  const config = parseExportConfig(argv);
  const { format, filename, settings, excludedNamespaces } = config;
  const isPiped = filename === '-';
  const reading = isPiped ? await readStandardInput() : readAllowlistFiles(filename);
  const { allowlists, otherKinds } = loadAllowlistFiles(reading, settings.protectedRoles, {
    labelsAreKnown: true,
  });
  const built = FORMATS[format].build(allowlists, settings, excludedNamespaces);
  if (!built.ok) {
    throw new UsableError(`${isPiped ? STANDARD_INPUT : filename}: ${built.problem}`);
  }

  process.stdout.once('error', ({ message }) => {
    // The reader is gone, or the disk is full.
    process.stderr.write(`standard output: ${message}\n`);
    process.exit(1);
  });
  const unsupported = FORMATS[format].listUnsupported(allowlists, settings);
  process.stderr.write([...describeIgnored(otherKinds), ...unsupported].map((line) => `${line}\n`).join(''));
  const { objects, unused } = built.value;
  const comments = [...describeOrigin(config, allowlists.length), ...describeUnused(unused), ...unsupported];
  process.stdout.write(formatPolicies(objects, comments));
}

function describeOrigin(
  { format, settings, excludedNamespaces }: ExportConfig,
  allowlistCount: number,
): readonly string[] {
  const { unlistedNamespaces, protectedRoles, eciDetection } = settings;
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

function formatPolicies(objects: readonly PolicyObject[], comments: readonly string[]): string {
  const documents = objects.map((object) =>
    new Document(object, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }),
  );
  return `${comments.map((line) => `# ${line}\n`).join('')}${documents.join('---\n')}`;
}

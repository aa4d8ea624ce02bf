import process from 'node:process';
import { Document } from 'yaml';
import { type ExportConfig, parseExportConfig } from './config/export-config.ts';
import { describeLosses } from './export/losses.ts';
import { buildPolicies, type PolicyObject } from './export/validating-admission-policies.ts';
import { readAllowlistFiles, readStandardInput, STANDARD_INPUT } from './sources/files/read.ts';
import { loadAllowlistFiles } from './sources/files/source.ts';
import { UsableError } from './text/usable-error.ts';

/**
 * Writes allowlists as ValidatingAdmissionPolicies to standard output. Writes the features that these do not support to
 * standard error, and to the comments of the output.
 *
 * @throws {UsableError} if the command line is wrong, or the allowlists cannot be loaded or exported
 */
export async function runExport(argv: readonly string[]): Promise<void> {
  const config = parseExportConfig(argv);
  const { filename, settings, excludedNamespaces } = config;
  const isPiped = filename === '-';
  const reading = isPiped ? await readStandardInput() : readAllowlistFiles(filename);
  const allowlists = loadAllowlistFiles(reading, settings.protectedRoles, { labelsAreKnown: true });
  const { objects, unused, problems } = buildPolicies(allowlists, settings, excludedNamespaces);
  if (objects === undefined) {
    const origin = isPiped ? STANDARD_INPUT : filename;
    throw new UsableError(problems.map((problem) => `${origin}: ${problem}`).join('\n'));
  }

  process.stdout.once('error', ({ message }) => {
    // The reader is gone, or the disk is full.
    process.stderr.write(`standard output: ${message}\n`);
    process.exit(1);
  });
  const losses = describeLosses(allowlists, settings);
  process.stderr.write(losses.map((loss) => `${loss}\n`).join(''));
  const comments = [...describeOrigin(config, allowlists.length), ...describeUnused(unused), ...losses];
  process.stdout.write(formatPolicies(objects, comments));
}

function describeOrigin(
  { settings, excludedNamespaces }: ExportConfig,
  allowlistCount: number,
): readonly string[] {
  const { unlistedNamespaces, protectedRoles } = settings;
  return [
    `Written by eci-ram-role-webhook export. Allowlists: ${allowlistCount}. --unlisted-namespaces=${unlistedNamespaces}`,
    `--protected-roles=${protectedRoles.join(',')} --excluded-namespaces=${excludedNamespaces.join(',')}`,
    'Do not edit: write it again when the allowlists change. Apply it with kubectl apply --server-side.',
  ];
}

function describeUnused(names: readonly string[]): readonly string[] {
  return names.length === 0
    ? []
    : [`Not needed by these allowlists; delete what an earlier export left of it: ${names.join(', ')}.`];
}

function formatPolicies(objects: readonly PolicyObject[], comments: readonly string[]): string {
  const documents = objects.map((object) =>
    new Document(object, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }),
  );
  return `${comments.map((line) => `# ${line}\n`).join('')}${documents.join('---\n')}`;
}

import { Command } from 'commander';
import * as z from 'zod';
import type { PolicySettings } from '../policy/policy.ts';
import { DEFAULT_NAMESPACES, SERVER_OPTIONS } from './options.ts';
import { optionInfo, parseOptions } from './parse.ts';
import { namespaces, oneOf, path } from './values.ts';

/** The allowlists that `export` writes, and the settings that it applies to them. */
export type ExportConfig = Readonly<{
  /** The path of a file of allowlists, or of a directory of them; `-` for standard input. */
  filename: string;
  settings: Pick<PolicySettings, 'unlistedNamespaces' | 'protectedRoles'>;
  excludedNamespaces: readonly string[];
}>;

/** Every option of `export`. */
export const EXPORT_OPTIONS = z.object({
  format: oneOf(['validating-admission-policy']).register(optionInfo, {
    argument: 'format',
    description: 'kind of the objects to write',
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
  excludedNamespaces: namespaces().register(optionInfo, {
    argument: 'names',
    description: 'namespaces that the policies exclude, separated by commas; an empty text means none',
    default: DEFAULT_NAMESPACES,
    repeated: 'add',
  }),
});

/**
 * Parses the command line of `export`. The environment sets nothing, so that the same command writes the same policies
 * everywhere. `--help` prints and ends the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseExportConfig(argv: readonly string[]): ExportConfig {
  const command = new Command('eci-ram-role-webhook export').description(
    'Writes RamRoleAllowlists as ValidatingAdmissionPolicies and their bindings to standard output. The API server enforces them without the webhook.',
  );
  const { filename, unlistedNamespaces, protectedRoles, excludedNamespaces } = parseOptions(
    command,
    EXPORT_OPTIONS,
    { argv, hasEnvironment: false },
  );
  return Object.freeze({
    filename,
    settings: Object.freeze({ unlistedNamespaces, protectedRoles }),
    excludedNamespaces,
  });
}

import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import type { FilePosition } from '../../sources/files/objects.ts';
import { type CheckResult, messageOf, nameOf } from './result.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** A rule of the log, by which code scanning groups its results. */
const RULES = {
  denied: { level: 'error', text: 'The webhook denies the object or its pods.' },
  warning: { level: 'warning', text: 'The webhook admits the object with a warning.' },
  unreadable: { level: 'error', text: 'The manifest cannot be read.' },
} as const;

/** Formats a result as a SARIF 2.1.0 log, which code scanning shows on the lines of a pull request. */
export function formatSarif({ objects, problems }: CheckResult): object {
  const findings = objects.flatMap((object) =>
    object.findings.map(({ level, message, position }) =>
      toResult(level, `${nameOf(object)}: ${message}`, position),
    ),
  );
  const unreadable = problems.map((problem) => toResult('unreadable', messageOf(problem), problem.position));
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'eci-ram-role',
            version: packageJson.version,
            rules: Object.entries(RULES).map(([id, { level, text }]) => ({
              id,
              shortDescription: { text },
              defaultConfiguration: { level },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [...findings, ...unreadable],
      },
    ],
  };
}

function toResult(ruleId: keyof typeof RULES, text: string, { file, line, column }: FilePosition): object {
  const region = { startLine: line, startColumn: column };
  return {
    ruleId,
    ruleIndex: Object.keys(RULES).indexOf(ruleId),
    level: RULES[ruleId].level,
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: toUri(file) }, region } }],
  };
}

/** A path below the current directory is relative, because code scanning resolves it against the repository. */
function toUri(file: string): string {
  const path = relative('', file);
  return path.startsWith('..') ? pathToFileURL(file).href : path.split(sep).map(encodeURIComponent).join('/');
}

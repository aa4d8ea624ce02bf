import * as z from 'zod';
import { optionInfo } from '../../config/parse.ts';
import { oneOf } from '../../config/values.ts';
import { type FileProblem, formatPosition } from '../../sources/files/objects.ts';
import { printable } from '../../text/printable.ts';
import { UsableError } from '../../text/problem.ts';
import { defineCommand, ExitCode } from '../command.ts';
import { formatJunit } from '../junit.ts';
import { listInputs } from '../manifests/inputs.ts';
import { failOnProblems, readManifests } from '../manifests/objects.ts';
import { SETTING_OPTIONS } from '../options.ts';
import { type Output, printJson } from '../output.ts';
import { type CaseResult, runSuite, type Settings } from './run.ts';
import { parseSuite, SUITE_KIND, SUITE_VERSION } from './suite.ts';

/** The output of `test --output json`. */
const TEST_RESULT = z
  .object({
    command: z.literal('test'),
    passed: z.int(),
    failed: z.int(),
    cases: z.array(
      z.object({
        file: z.string(),
        line: z.int(),
        column: z.int(),
        name: z.string(),
        hasPassed: z.boolean(),
        differences: z.array(z.object({ field: z.string(), expected: z.string(), found: z.string() })),
        messages: z.array(z.string()).meta({ description: 'The denials and warnings of the decision.' }),
      }),
    ),
  })
  .meta({ title: 'Output of eci-ram-role test --output json' });

/** Runs suites of tests of allowlists. */
export const testCommand = defineCommand({
  name: 'test',
  summary: 'do these allowlists still decide as their tests expect?',
  description: `Runs every suite in a directory: YAML files of kind ${SUITE_KIND} (${SUITE_VERSION}), each with cases of a pod and the expected decision. Shows the differences.`,
  arguments: [{ name: 'DIR', description: 'a directory of suites, or a file' }],
  options: z.object({
    ...SETTING_OPTIONS,
    output: oneOf(['text', 'json', 'junit']).register(optionInfo, {
      short: 'o',
      argument: 'format',
      description: 'format of the result',
      default: 'text',
    }),
  }),
  examples: [{ purpose: 'Run the suites of a directory', command: 'test examples/tests' }],
  result: TEST_RESULT,
  run: async ({ output: format, ...settings }, [directory = ''], { output, now }) => {
    const results = await runSuites(directory, settings, now);
    const failed = results.filter(({ differences }) => differences.length > 0).length;
    switch (format) {
      case 'json':
        printJson(output, toJson(results, failed));
        break;
      case 'junit':
        output.write(formatJunit('eci-ram-role test', results.map(toJunitCase)));
        break;
      case 'text':
        print(results, failed, output);
        break;
    }
    return failed > 0 ? ExitCode.found : ExitCode.clean;
  },
});

async function runSuites(directory: string, settings: Settings, now: number): Promise<readonly CaseResult[]> {
  const problems: FileProblem[] = [];
  const results: CaseResult[] = [];
  let suites = 0;
  const isSuite = (text: string) => text.includes(SUITE_VERSION.split('/')[0] ?? '');
  for (const input of await listInputs([directory])) {
    for (const manifest of readManifests(input, problems, isSuite)) {
      const suite = parseSuite(manifest);
      suites += 1;
      if (suite.ok) {
        results.push(...(await runSuite(suite.value, manifest, settings, now)));
      } else {
        problems.push(...suite.problem);
      }
    }
  }
  failOnProblems(problems);
  if (suites === 0) {
    throw new UsableError(
      `${directory}: expected a file of kind ${SUITE_KIND} (${SUITE_VERSION}), found none`,
    );
  }
  return results;
}

function toJson(results: readonly CaseResult[], failed: number): z.input<typeof TEST_RESULT> {
  return {
    command: 'test',
    passed: results.length - failed,
    failed,
    cases: results.map(({ position, name, differences, messages }) => ({
      ...position,
      name,
      hasPassed: differences.length === 0,
      differences: differences.map((difference) => ({ ...difference })),
      messages: [...messages],
    })),
  };
}

function toJunitCase({ position, name, differences, messages }: CaseResult) {
  const failures = differences.map(({ field, expected, found }) => {
    const message = `${field}: expected ${expected}, found ${found}`;
    return {
      type: field,
      message,
      text: [`${formatPosition(position)}: ${message}`, ...messages].join('\n'),
    };
  });
  return { file: position.file, line: position.line, name, failures, errors: [], notes: [] };
}

function print(results: readonly CaseResult[], failed: number, { print, style }: Output): void {
  for (const { position, name, differences, messages } of results) {
    const shown = printable(name);
    if (differences.length === 0) {
      print(`${style('green', 'pass')}  ${shown}`);
      continue;
    }
    print(`${style('red', 'fail')}  ${formatPosition(position)}: ${shown}`);
    for (const { field, expected, found } of differences) {
      print(
        `      ${field}: expected ${style('green', printable(expected, 512))}, found ${style('red', printable(found, 512))}`,
      );
    }
    for (const message of messages) {
      print(`      ${message}`);
    }
  }
  print(`passed ${results.length - failed}, failed ${failed}`);
}

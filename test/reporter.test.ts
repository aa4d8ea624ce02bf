import assert from 'node:assert/strict';
import type { EventData } from 'node:test';
import { suite, test } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import report from './reporter.ts';

type FileCoverage = EventData.TestCoverage['summary']['files'][number];

const TOTALS = {
  ...{ totalLineCount: 2, totalBranchCount: 1, totalFunctionCount: 1 },
  ...{ coveredLineCount: 2, coveredBranchCount: 1, coveredFunctionCount: 1 },
  ...{ coveredLinePercent: 100, coveredBranchPercent: 100, coveredFunctionPercent: 100 },
};

/** The coverage of `src/a.ts`, with these counts of its second line. */
function coverageOf(counts: Readonly<{ line: number; branch: number; named: number }>): FileCoverage {
  return {
    ...{ path: '/project/src/a.ts', ...TOTALS },
    functions: [{ name: 'a', line: 2, count: counts.named }],
    branches: [{ line: 2, count: counts.branch }],
    lines: [
      { line: 1, count: 1 },
      { line: 2, count: counts.line },
    ],
  };
}

async function print(file: FileCoverage): Promise<string> {
  const thresholds = { line: 100, branch: 100, function: 100 };
  const summary = { files: [file], totals: TOTALS, thresholds, workingDirectory: '/project' };
  async function* events(): AsyncIterable<TestEvent> {
    yield { type: 'test:diagnostic', data: { nesting: 0, message: 'tests 1', level: 'info' } };
    yield { type: 'test:coverage', data: { nesting: 0, summary } };
  }
  const texts: string[] = [];
  for await (const text of report(events())) {
    texts.push(String(text));
  }
  return texts.join('');
}

suite('the output of npm test', () => {
  test('ends with the counts where all is covered', async () => {
    assert.match(await print(coverageOf({ line: 1, branch: 1, named: 1 })), /^\S*ℹ tests 1\S*\n$/);
  });

  for (const { what, counts, line } of [
    { what: 'a line', counts: { line: 0, branch: 1, named: 1 }, line: 'lines 2' },
    { what: 'a branch', counts: { line: 1, branch: 0, named: 1 }, line: 'branches in lines 2' },
    { what: 'a function', counts: { line: 1, branch: 1, named: 0 }, line: 'functions in lines 2' },
  ]) {
    test(`names ${what} that is not covered`, async () => {
      assert.ok((await print(coverageOf(counts))).includes(`ℹ src/a.ts: not covered: ${line}`));
    });
  }
});

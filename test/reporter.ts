// What `npm test` prints: every test, then the counts. Of the coverage it prints only what is not covered, a line a file.
import { relative } from 'node:path';
import { Readable } from 'node:stream';
import type { EventData } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';

type Summary = EventData.TestCoverage['summary'];
type Counted = Readonly<{ line: number; count: number }>;

/** Is given the events of the test runner, and yields the text to print. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncIterable<string> {
  yield* Readable.from(withoutTable(events)).compose(spec());
}

/** The same events, in which one line for each file that is not covered takes the place of the table of coverage. */
async function* withoutTable(events: AsyncIterable<TestEvent>): AsyncIterable<TestEvent> {
  for await (const event of events) {
    if (event.type !== 'test:coverage') {
      yield event;
      continue;
    }
    for (const message of describeGaps(event.data.summary)) {
      yield { type: 'test:diagnostic', data: { nesting: 0, message, level: 'error' } };
    }
  }
}

function describeGaps({ files, workingDirectory }: Summary): readonly string[] {
  return files.flatMap(({ path, lines, branches, functions }) => {
    const gaps = [
      ...describeGap('lines', lines),
      ...describeGap('branches in lines', branches),
      ...describeGap('functions in lines', functions),
    ];
    return gaps.length === 0 ? [] : [`${relative(workingDirectory, path)}: not covered: ${gaps.join('; ')}`];
  });
}

function describeGap(what: string, counted: readonly Counted[]): readonly string[] {
  const missed = counted.filter(({ count }) => count === 0).map(({ line }) => line);
  return missed.length === 0 ? [] : [`${what} ${[...new Set(missed)].join(', ')}`];
}

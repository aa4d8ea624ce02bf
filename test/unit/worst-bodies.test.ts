import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createSubject } from '../../bench/worst/subject.ts';
import { buildResponse, InvalidReviewError, parseReview } from '../../src/admission/review.ts';
import { parseBody } from '../../src/http/body.ts';
import { callerAt } from '../builders/caller.ts';
import { COSTLY_CHARACTERS, TEXT_FIELDS, textOf, WORST_BODIES } from '../builders/worst-bodies.ts';
import { countWork, type Work } from '../support/count-work.ts';

const BYTES = 256 * 1024;
/** More than the 1 MiB of a ConfigMap's value. */
const TEXT_BYTES = 1_100_000;

/** The first is usual, and the others are folded, cleaned or searched. */
const UNITS = COSTLY_CHARACTERS.filter((unit) => ['a', ' ', '\u017f', '{{'].includes(unit));

/** Each value is read a few times at most, beside the few that every review has. */
const MAX_READS_OF_A_VALUE = 10;
const MAX_OTHER_READS = 5_000;

/** A tenth of the text, fifty times the longest text that is read. */
const MAX_CHARACTERS = 100_000;

const CALLER = callerAt('127.0.0.1');
const routes = createSubject();

/** Undefined if the body is not parsed. */
function workOf(path: string, body: string): (Work & Readonly<{ values: number }>) | undefined {
  const parsed = parseBody(Buffer.from(body));
  if (!parsed.ok) {
    return undefined;
  }
  const values = countValues(parsed.value);
  const work = countWork(parsed.value, (value) => {
    try {
      const review = parseReview(value);
      const decision = routes[path]?.(review, () => CALLER);
      if (decision !== undefined && !(decision instanceof Promise)) {
        buildResponse(review.uid, decision);
      }
    } catch (error) {
      assert.ok(error instanceof InvalidReviewError, String(error));
    }
  });
  return { ...work, values };
}

suite('the work for the worst bodies', () => {
  for (const { path, name, build } of WORST_BODIES.filter(({ name }) => !name.includes(' as '))) {
    test(`is in proportion to its values, on ${path}: ${name}`, () => {
      const work = workOf(path, build(BYTES));
      const { reads = 0, values = 0, characters = 0 } = work ?? {};
      const max = MAX_READS_OF_A_VALUE * values + MAX_OTHER_READS;
      assert.ok(reads <= max, `${reads} reads of ${values} values`);
      assert.ok(characters <= 20 * BYTES, `${characters} characters examined`);
    });
  }

  for (const { path, field, put } of TEXT_FIELDS) {
    test(`does not grow with a text, on ${path}: ${field}`, () => {
      for (const unit of UNITS) {
        const characters = workOf(path, put(textOf(unit, TEXT_BYTES)))?.characters ?? 0;
        assert.ok(
          characters <= MAX_CHARACTERS,
          `${characters} characters examined of ${JSON.stringify(unit)}`,
        );
      }
    });
  }
});

function countValues(root: unknown): number {
  const values = [root];
  for (const value of values) {
    values.push(...(typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return values.length;
}

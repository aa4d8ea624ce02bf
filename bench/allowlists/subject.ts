import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildResponse, parseReview } from '../../src/admission/review.ts';
import { parseBody } from '../../src/http/body.ts';
import { compilePolicy, type Policy } from '../../src/policy/policy.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import { parseAllowlist } from '../../src/policy/schema/parse.ts';
import { loadAllowlists } from '../../src/sources/files/load.ts';
import { runToEnd } from '../../src/sources/time-slice.ts';
import { decide } from '../../test/builders/decide.ts';
import { buildLists } from './lists.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/reviews/1-allowed-role.json');
const BODY = Buffer.from(JSON.stringify(JSON.parse(readFileSync(EXAMPLE, 'utf8'))));

/** One map for all reviews, as a source has it: other labels are another selection. */
const LABELS = new Map<string, string>();

/** A ConfigMap ends at 1 MiB; more lists than this come from no file. */
const MAX_LISTS_OF_FILES = 10_000;

/** A policy of so many lists, and how long it took to make. */
export type PreparedPolicy = Readonly<{
  policy: Policy;
  /** From the YAML text of one file to allowlists; undefined where no file would hold so many. */
  loadMs: number | undefined;
  /** From objects to allowlists. */
  checkMs: number;
  compileMs: number;
}>;

export function preparePolicy(count: number): PreparedPolicy {
  const lists = buildLists(count);
  const loadMs = count > MAX_LISTS_OF_FILES ? undefined : timeOfLoading(lists);
  const [allowlists, checkMs] = timed(() => lists.map(parseGood));
  const [policy, compileMs] = timed(() =>
    compilePolicy(allowlists, {
      unlistedNamespaces: 'Deny',
      protectedRoles: ['KubernetesWorkerRole-*'],
      eciDetection: 'markers',
    }),
  );
  return { policy, loadMs, checkMs, compileMs };
}

/**
 * Answers a whole review, from the bytes of the body to the text of the answer.
 *
 * @throws where the pod is not allowed
 */
export function answerReview(policy: Policy): void {
  const body = parseBody(BODY);
  if (!body.ok) {
    throw new Error(body.problem.message);
  }
  const review = parseReview(body.value);
  const decision = decide('mutate', review, policy, Date.now(), { labels: LABELS });
  const text = JSON.stringify(buildResponse(review.uid, decision));
  if (!text.includes('"allowed":true')) {
    throw new Error(`expected the pod to be allowed, found: ${text}`);
  }
}

/** Runs an action and tells how long it took, in milliseconds. */
export function timed<Result>(action: () => Result): readonly [Result, number] {
  const startedAt = performance.now();
  const result = action();
  return [result, performance.now() - startedAt];
}

function timeOfLoading(lists: readonly unknown[]): number {
  const text = lists.map((list) => JSON.stringify(list)).join('\n---\n');
  const [loaded, ms] = timed(() => runToEnd(loadAllowlists([{ path: 'lists.yaml', text }], [])));
  if (!loaded.ok) {
    throw new Error(loaded.problem.join('\n'));
  }
  return ms;
}

function parseGood(list: unknown): Allowlist {
  const parsed = parseAllowlist(list);
  if (!parsed.ok) {
    throw new Error(`expected a good allowlist, found: ${JSON.stringify(parsed.problem)}`);
  }
  return parsed.value;
}

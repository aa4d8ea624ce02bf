import { isUtf8 } from 'node:buffer';
import type { JsonBounds } from '../json/cost.ts';
import { describeExcess, type JsonProblem, parseJson, UNCOUNTED_LENGTH } from '../json/parse.ts';
import { failure, type Result } from '../text/problem.ts';
import type { Rejection } from './errors.ts';

const MEBIBYTE = 1024 * 1024;

/** Kubernetes' largest objects, sent twice for an update, are parsed and decided in 50 milliseconds. */
const USUAL_BODY: JsonBounds = { length: 3 * MEBIBYTE, cost: 100_000, depth: 256 };

/** The API server escapes some characters, so that an object may be six times as large. It may take 200 milliseconds. */
const LARGE_BODY: JsonBounds = { length: 16 * MEBIBYTE, cost: 300_000, depth: 256 };

/** Parses a body; it is rejected if it is no JSON, or would hold up other requests for too long. */
export function parseBody(body: Buffer): Result<unknown, Rejection> {
  // To replace the bytes that are not UTF-8 takes ten times as long as to decode the others.
  if (body.length > UNCOUNTED_LENGTH && !isUtf8(body)) {
    return failure(NOT_JSON);
  }
  const bounds = body.length <= USUAL_BODY.length ? USUAL_BODY : LARGE_BODY;
  const parsed = parseJson(body.toString(), bounds);
  return parsed.ok ? parsed : failure(toRejection(parsed.problem, bounds));
}

const NOT_JSON: Rejection = { reason: 'not-json', message: 'expected a JSON body, found something else' };

function toRejection(problem: JsonProblem, bounds: JsonBounds): Rejection {
  return problem === 'not-json'
    ? NOT_JSON
    : { reason: 'too-complex', message: `expected simpler JSON, found ${describeExcess(problem, bounds)}` };
}

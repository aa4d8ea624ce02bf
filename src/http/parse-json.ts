import { hasMoreValuesThan } from './json-values.ts';
import { SMALL_BODY_BYTES } from './large-body-budget.ts';
import { RequestError } from './request-error.ts';

const MAX_VALUES = 200_000;

/**
 * Parses a body. Keys such as `__proto__` become ordinary properties, as JSON.parse makes them; nothing that
 * reads the outcome may take an inherited property for an own one.
 *
 * @throws {RequestError} where it is no JSON, or so wide that parsing it would cost too much
 */
export function parseJson(body: Buffer): unknown {
  if (body.length > SMALL_BODY_BYTES && hasMoreValuesThan(body, MAX_VALUES)) {
    throw new RequestError('too-many-values', `expected at most ${MAX_VALUES} JSON values, found more`);
  }
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new RequestError('not-json', 'expected a JSON body, found something else');
  }
}

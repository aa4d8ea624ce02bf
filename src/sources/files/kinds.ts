import { API_VERSION, KIND } from '../../policy/schema/allowlist.ts';
import { nearest } from '../../text/edit-distance.ts';
import { describeValue, type Problem } from '../../text/problem.ts';

const LIST_KIND = `${KIND}List`;
const OUR_KINDS = [KIND, LIST_KIND].map((kind) => kind.toLowerCase());
const [GROUP = ''] = API_VERSION.split('/');
const MAX_TYPOS = 3;

/** Whether an object is a list of objects. */
export function isList(apiVersion: unknown, kind: unknown): boolean {
  return (apiVersion === 'v1' && kind === 'List') || (apiVersion === API_VERSION && kind === LIST_KIND);
}

/** Whether an object is an allowlist. */
export function isAllowlist(apiVersion: unknown, kind: unknown): boolean {
  return apiVersion === API_VERSION && kind === KIND;
}

/**
 * The kind of an object that has nothing to do with allowlists, such as a Namespace in the same file. Undefined if the
 * object is of no kind, or probably meant as an allowlist: our kind in another group, our group, or either mistyped.
 */
export function otherKind(apiVersion: unknown, kind: unknown): string | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '' || isList(apiVersion, kind)) {
    return undefined;
  }
  const [group = ''] = apiVersion.split('/');
  const isOurs =
    nearest(kind.toLowerCase(), OUR_KINDS, MAX_TYPOS) !== undefined ||
    nearest(group.toLowerCase(), [GROUP], MAX_TYPOS) !== undefined;
  return isOurs ? undefined : kind;
}

/** The problem of an object that is neither an allowlist nor of another kind. */
export function describeWrongKind(apiVersion: unknown, kind: unknown): Problem {
  return kind === KIND
    ? { path: ['apiVersion'], expected: API_VERSION, found: describeValue(apiVersion) }
    : { path: ['kind'], expected: `${KIND} of ${API_VERSION}`, found: describeValue(kind) };
}

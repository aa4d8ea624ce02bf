import { asObject } from '../../json/json.ts';
import { API_VERSION, KIND } from '../../policy/schema/allowlist.ts';
import { nearest } from '../../text/edit-distance.ts';
import { printable } from '../../text/printable.ts';
import { describeValue, formatProblem, type Problem } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import type { AllowlistFile } from './read.ts';
import { type Position, parseYaml, type YamlDocument } from './yaml.ts';

/** A position in one of several files. */
export type FilePosition = Position & Readonly<{ file: string }>;

/** The location of an object: its path in its document, and the positions of its parts. */
type ObjectLocation = Readonly<{
  path: readonly PropertyKey[];
  positionOf: (path: readonly PropertyKey[]) => FilePosition;
}>;

/** One object of a file, on its own or an item of a List. */
export type FileObject = ObjectLocation & Readonly<{ value: unknown }>;

/** The objects of a file. */
export type FileObjects = Readonly<{
  /** The allowlists, valid or not. */
  allowlists: readonly FileObject[];
  /** The kind of each other object. */
  otherKinds: readonly string[];
  /** Whether a List has no items, which is how a file has no allowlists on purpose. */
  hasEmptyList: boolean;
}>;

const NO_ALLOWLIST = 'an allowlist, or a List with items: [] for none';

/** Reads the objects of a file; adds a problem for everything that is none, and for a file that holds no allowlist. */
export function* readObjects(
  { path: file, text }: AllowlistFile,
  problems: FileProblem[],
): TimeSliced<FileObjects> {
  const { documents, problems: yamlProblems } = yield* parseYaml(text);
  for (const { position, message } of yamlProblems) {
    const document = { path: [], positionOf: () => ({ file, ...position }) };
    problems.push(toFileProblem(document, { path: [], expected: 'YAML or JSON', found: message }));
  }

  const allowlists: FileObject[] = [];
  const otherKinds: string[] = [];
  let hasEmptyList = false;
  for (const document of documents) {
    const objects = toObjects(document, file, problems);
    hasEmptyList ||= objects?.length === 0;
    for (const object of objects ?? []) {
      const { apiVersion, kind } = asObject(object.value);
      const other = otherKind(apiVersion, kind);
      if (isAllowlist(apiVersion, kind)) {
        allowlists.push(object);
      } else if (other === undefined) {
        problems.push(toFileProblem(object, describeWrongKind(apiVersion, kind)));
      } else {
        otherKinds.push(printable(other));
      }
    }
  }
  if (documents.length === 0 && problems.length === 0) {
    problems.push(describeMissing(file));
  }
  return { allowlists, otherKinds, hasEmptyList };
}

/** The problem of a file without an allowlist: it may be truncated, so it does not count as one that has none on purpose. */
export function describeMissing(file: string): FileProblem {
  const start = { path: [], positionOf: () => ({ file, line: 1, column: 1 }) };
  return toFileProblem(start, { path: [], expected: NO_ALLOWLIST, found: 'none' });
}

/** The object of a document, or its items; undefined if these cannot be read. */
function toObjects(
  document: YamlDocument,
  file: string,
  problems: FileProblem[],
): readonly FileObject[] | undefined {
  const at = (prefix: readonly PropertyKey[], value: unknown): FileObject => ({
    value,
    path: prefix,
    positionOf: (path) => ({ file, ...document.positionOf([...prefix, ...path]) }),
  });
  const object = at([], document.value);
  const { apiVersion, kind, items } = asObject(document.value);

  if (!isList(apiVersion, kind)) {
    return [object];
  }
  if (!Array.isArray(items)) {
    problems.push(
      toFileProblem(object, { path: ['items'], expected: 'a list of objects', found: describeValue(items) }),
    );
    return undefined;
  }
  return items.map((item, index) => at(['items', index], item));
}

const LIST_KIND = `${KIND}List`;
const OUR_KINDS = [KIND, LIST_KIND].map((kind) => kind.toLowerCase());
const [GROUP = ''] = API_VERSION.split('/');
const MAX_TYPOS = 3;

/** Whether an object is a list of objects. */
function isList(apiVersion: unknown, kind: unknown): boolean {
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

/** A problem on one line, `file:line:column: path: expected …, found …`, and its position. */
export type FileProblem = Readonly<{ position: FilePosition; line: string }>;

/** Locates a problem of an object, whose path is relative to the object, in its file. */
export function toFileProblem(object: ObjectLocation, problem: Problem): FileProblem {
  const path = [...object.path, ...problem.path];
  const position = object.positionOf(problem.path);
  const prefix = path.length === 0 ? '(document): ' : '';
  return { position, line: `${formatPosition(position)}: ${prefix}${formatProblem({ ...problem, path })}` };
}

/** Orders the problems of one file from its top to its end. */
export function byPosition({ position: a }: FileProblem, { position: b }: FileProblem): number {
  return a.line - b.line || a.column - b.column;
}

export function formatPosition({ file, line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}

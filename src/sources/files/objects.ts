import { asObject } from '../../json/json.ts';
import { printable } from '../../text/printable.ts';
import { describeValue } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import { describeWrongKind, isAllowlist, isList, otherKind } from './kinds.ts';
import { type FileProblem, type ObjectLocation, toFileProblem } from './problem.ts';
import type { AllowlistFile } from './read.ts';
import { parseYaml, type YamlDocument } from './yaml.ts';

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

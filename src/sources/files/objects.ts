import { asObject } from '../../json/json.ts';
import { API_VERSION, KIND } from '../../policy/schema/allowlist.ts';
import { describeValue } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import { type FileProblem, type ObjectLocation, toFileProblem } from './problem.ts';
import type { AllowlistFile } from './read.ts';
import { parseYaml, type YamlDocument } from './yaml.ts';

/** One object of a file, on its own or an item of a List. */
export type FileObject = ObjectLocation & Readonly<{ value: unknown }>;

/** Reads the allowlists of a file, valid or not; adds a problem for everything else in it. */
export function* readObjects(
  { path: file, text }: AllowlistFile,
  problems: FileProblem[],
): TimeSliced<readonly FileObject[]> {
  const { documents, problems: yamlProblems } = yield* parseYaml(text);
  for (const { position, message } of yamlProblems) {
    const document = { path: [], positionOf: () => ({ file, ...position }) };
    problems.push(toFileProblem(document, { path: [], expected: 'YAML or JSON', found: message }));
  }
  return documents.flatMap((document) => toObjects(document, file, problems));
}

function toObjects(document: YamlDocument, file: string, problems: FileProblem[]): readonly FileObject[] {
  const at = (prefix: readonly PropertyKey[], value: unknown): FileObject => ({
    value,
    path: prefix,
    positionOf: (path) => ({ file, ...document.positionOf([...prefix, ...path]) }),
  });
  const object = at([], document.value);
  const { apiVersion, kind, items } = asObject(document.value);

  if (!isList(apiVersion, kind)) {
    return isAllowlist(object, problems) ? [object] : [];
  }
  if (!Array.isArray(items)) {
    problems.push(
      toFileProblem(object, { path: ['items'], expected: 'a list of objects', found: describeValue(items) }),
    );
    return [];
  }
  return items.map((item, index) => at(['items', index], item)).filter((item) => isAllowlist(item, problems));
}

function isList(apiVersion: unknown, kind: unknown): boolean {
  return (apiVersion === 'v1' && kind === 'List') || (apiVersion === API_VERSION && kind === `${KIND}List`);
}

/** Whether an object has the kind of an allowlist. If not, this is its only problem: its rules are not ours. */
function isAllowlist(object: FileObject, problems: FileProblem[]): boolean {
  const { apiVersion, kind } = asObject(object.value);
  if (apiVersion === API_VERSION && kind === KIND) {
    return true;
  }
  problems.push(
    toFileProblem(
      object,
      kind === KIND
        ? { path: ['apiVersion'], expected: API_VERSION, found: describeValue(apiVersion) }
        : { path: ['kind'], expected: `${KIND} of ${API_VERSION}`, found: describeValue(kind) },
    ),
  );
  return false;
}

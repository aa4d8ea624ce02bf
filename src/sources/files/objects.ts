import { asObject } from '../../json/json.ts';
import { API_VERSION, KIND } from '../../policy/schema/allowlist.ts';
import { describeValue } from '../../policy/schema/parse.ts';
import { formatPath } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import { type FileProblem, formatPlace, type Placed, toFileProblem } from './problem.ts';
import type { AllowlistFile } from './read.ts';
import { parseYaml, type YamlDocument } from './yaml.ts';

/** One object of a file, on its own or an item of a List. */
export type FileObject = Placed & Readonly<{ value: unknown }>;

/** Reads the objects of a file that claim to be allowlists; what else it holds is told as a problem. */
export function* readObjects(
  { path, text }: AllowlistFile,
  problems: FileProblem[],
): TimeSliced<readonly FileObject[]> {
  const { documents, problems: yamlProblems } = yield* parseYaml(text);
  for (const { position, message } of yamlProblems) {
    const place = { file: path, position };
    problems.push({
      place,
      line: `${formatPlace(place)}: (document): expected YAML or JSON, found: ${message}`,
    });
  }
  return documents.flatMap((document) => toObjects(document, path, problems));
}

function toObjects(document: YamlDocument, file: string, problems: FileProblem[]): readonly FileObject[] {
  const at = (prefix: readonly PropertyKey[], value: unknown): FileObject => ({
    value,
    path: formatPath(prefix),
    placeOf: (path) => ({ file, position: document.positionOf([...prefix, ...path]) }),
  });
  const object = at([], document.value);
  const { apiVersion, kind, items } = asObject(document.value);

  if (!isList(apiVersion, kind)) {
    return isAllowlist(object, apiVersion, kind, problems) ? [object] : [];
  }
  if (!Array.isArray(items)) {
    problems.push(
      toFileProblem(object, { path: ['items'], expected: 'a list of objects', found: describeValue(items) }),
    );
    return [];
  }
  return items
    .map((item, index) => at(['items', index], item))
    .filter((item) => {
      const { apiVersion, kind } = asObject(item.value);
      return isAllowlist(item, apiVersion, kind, problems);
    });
}

function isList(apiVersion: unknown, kind: unknown): boolean {
  return (apiVersion === 'v1' && kind === 'List') || (apiVersion === API_VERSION && kind === `${KIND}List`);
}

/** Of an object of another kind only that is told: the rest of it follows rules that are not ours. */
function isAllowlist(
  object: FileObject,
  apiVersion: unknown,
  kind: unknown,
  problems: FileProblem[],
): boolean {
  if (apiVersion === API_VERSION && kind === KIND) {
    return true;
  }
  const path = kind === KIND ? ['apiVersion'] : ['kind'];
  problems.push(
    toFileProblem(object, {
      path,
      expected: kind === KIND ? API_VERSION : `${KIND} of ${API_VERSION}`,
      found: describeValue(kind === KIND ? apiVersion : kind),
    }),
  );
  return false;
}

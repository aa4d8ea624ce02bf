import { asObject, asString, isObject, type JsonObject } from '../../json/json.ts';
import { parseJsonStrictly } from '../../json/parse.ts';
import { type FileObject, type FileProblem, toFileProblem } from '../../sources/files/objects.ts';
import { type ParsedYaml, parseYaml, type YamlDocument } from '../../sources/files/yaml.ts';
import { runToEnd } from '../../sources/time-slice.ts';
import { describeValue, UsableError } from '../../text/problem.ts';
import { type DocumentText, splitDocuments } from './documents.ts';
import type { Input } from './inputs.ts';
import { splitList } from './list-items.ts';

/** An object of a file, on its own or an item of a List. */
export type Manifest = FileObject &
  Readonly<{
    value: JsonObject;
    apiVersion: string;
    /** Empty for the core group. */
    group: string;
    kind: string;
    /** Empty if the API server would generate it. */
    name: string;
    /** Empty if the manifest names none. */
    namespace: string;
  }>;

/** Nobody reads of more in one document. */
const MAX_SYNTAX_PROBLEMS = 3;

/** Lists stand inside Lists at most this deep. */
const MAX_LISTS = 8;

/**
 * Reads the objects of a file one after another, and adds a problem for each text or value that is none.
 *
 * @param isRead whether to read the document or the item of a large List that has this text
 */
export function* readManifests(
  input: Input,
  problems: FileProblem[],
  isRead: (text: string) => boolean = () => true,
): Generator<Manifest, void> {
  for (const document of splitDocuments(input.read())) {
    if (!isRead(document.text)) {
      continue;
    }
    const list = splitList(document);
    const frame = list && parseDocument(list.frame).documents[0];
    if (list === undefined || !isList(asObject(frame?.value))) {
      yield* readDocument(document, input.path, [], problems);
      continue;
    }
    let index = 0;
    for (const item of list.items) {
      if (isRead(item.text)) {
        yield* readDocument(item, input.path, ['items', index], problems, asObject(frame?.value));
      }
      index += 1;
    }
  }
}

function* readDocument(
  text: DocumentText,
  file: string,
  prefix: readonly PropertyKey[],
  problems: FileProblem[],
  list: JsonObject = {},
): Generator<Manifest, void> {
  const { documents, problems: syntax } = parseDocument(text);
  const hint = text.text.includes('{{') ? '; render templates first, such as with helm template' : '';
  for (const { position, message } of syntax.slice(0, MAX_SYNTAX_PROBLEMS)) {
    const location = { path: [], positionOf: () => ({ file, ...position }) };
    const found = `${message.replaceAll('\n', ' ')}${hint}`;
    problems.push(toFileProblem(location, { path: [], expected: 'YAML or JSON', found }));
  }
  for (const { value, positionOf } of documents) {
    yield* readObject(
      { value, path: prefix, positionOf: (path) => ({ file, ...positionOf(path) }) },
      list,
      problems,
      0,
    );
  }
}

function* readObject(
  object: FileObject,
  list: JsonObject,
  problems: FileProblem[],
  depth: number,
): Generator<Manifest, void> {
  const { value } = object;
  if (!isObject(value)) {
    const expected = 'an object with apiVersion and kind';
    problems.push(toFileProblem(object, { path: [], expected, found: describeValue(value) }));
    return;
  }
  if (isList(value) && depth < MAX_LISTS) {
    for (const [index, item] of value['items'].entries()) {
      yield* readObject(itemOf(object, item, index), value, problems, depth + 1);
    }
    return;
  }
  const whole = { ...typeOfItems(list), ...value };
  const missing = ['apiVersion', 'kind'].find((field) => asString(whole[field]) === '');
  if (missing === undefined) {
    yield toManifest(object, whole);
  } else {
    const expected = missing === 'kind' ? 'a kind, such as Pod' : 'a version, such as v1';
    problems.push(toFileProblem(object, { path: [missing], expected, found: describeValue(value[missing]) }));
  }
}

function itemOf({ path, positionOf }: FileObject, value: unknown, index: number): FileObject {
  const prefix = ['items', index];
  return { value, path: [...path, ...prefix], positionOf: (path) => positionOf([...prefix, ...path]) };
}

/** The manifest of an object that a file holds, by its own words. */
export function toManifest(object: FileObject, value: JsonObject): Manifest {
  const metadata = asObject(value['metadata']);
  const apiVersion = asString(value['apiVersion']);
  return {
    ...object,
    value,
    apiVersion,
    group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '',
    kind: asString(value['kind']),
    name: asString(metadata['name']),
    namespace: asString(metadata['namespace']),
  };
}

type List = JsonObject & Readonly<{ items: readonly unknown[] }>;

function isList(value: JsonObject): value is List {
  return asString(value['kind']).endsWith('List') && Array.isArray(value['items']);
}

/** The items of a PodList need no kind of their own, as `kubectl get --raw` prints them. */
function typeOfItems({ apiVersion, kind }: JsonObject): JsonObject {
  const own = asString(kind).slice(0, -'List'.length);
  return own === '' ? {} : { apiVersion, kind: own };
}

/** The positions of JSON are found when one is asked for, since parsing without them is many times faster. */
function parseDocument({ text, line }: DocumentText): ParsedYaml {
  const bounds = {
    length: Number.POSITIVE_INFINITY,
    cost: Number.POSITIVE_INFINITY,
    depth: Number.POSITIVE_INFINITY,
  };
  const json = /^\s*\{/.test(text) ? parseJsonStrictly(text, bounds) : undefined;
  if (!json?.ok) {
    return moveDown(runToEnd(parseYaml(text, { merge: true })), line);
  }
  const blank = text.slice(0, text.indexOf('{')).split('\n');
  const start = { line: line + blank.length - 1, column: (blank.at(-1) ?? '').length + 1 };
  let located: YamlDocument | undefined;
  const positionOf: YamlDocument['positionOf'] = (path) => {
    if (path.length === 0) {
      return start;
    }
    located ??= moveDown(runToEnd(parseYaml(text, { merge: true })), line).documents[0];
    return located?.positionOf(path) ?? start;
  };
  return { documents: [{ value: json.value, positionOf }], problems: [] };
}

/** Moves the positions of a text that does not start at the first line of its file. */
function moveDown({ documents, problems }: ParsedYaml, first: number): ParsedYaml {
  const move = <Position extends Readonly<{ line: number }>>(position: Position): Position => ({
    ...position,
    line: position.line + first - 1,
  });
  return {
    documents: documents.map(({ value, positionOf }) => ({
      value,
      positionOf: (path) => move(positionOf(path)),
    })),
    problems: problems.map(({ position, message }) => ({ position: move(position), message })),
  };
}

/** @throws {UsableError} if there are problems, with a line for each */
export function failOnProblems(problems: readonly FileProblem[]): void {
  if (problems.length > 0) {
    throw new UsableError(problems.map(({ line }) => line).join('\n'));
  }
}

import { type Allowlist, API_VERSION, KIND } from '../policy/allowlist.ts';
import { type AllowlistProblem, describe, parseAllowlist } from '../policy/parse-allowlist.ts';
import { printable, quoted } from '../policy/printable.ts';
import { compileProtectedRoles } from '../policy/protected-roles.ts';
import type { Interruptible } from './interruptible.ts';
import type { AllowlistFile } from './read-files.ts';
import { type Position, parseYaml, type YamlDocument } from './yaml-document.ts';

/** Allowlists, or every problem of the files they should have come from, each a line `file:line:column: …`. */
export type LoadedAllowlists =
  | Readonly<{ allowlists: readonly Allowlist[]; problems?: never }>
  | Readonly<{ allowlists?: never; problems: readonly string[] }>;

type Place = Readonly<{ file: string; position: Position }>;

/** One object of a file, on its own or an item of a List. */
type FileObject = Readonly<{
  value: unknown;
  placeOf: (path: readonly PropertyKey[]) => Place;
  path: string;
}>;

/** Loads allowlists from files; all of them are good, or none is loaded and all problems are told. */
export function* loadAllowlists(
  files: readonly AllowlistFile[],
  protectedRoles: readonly string[],
): Interruptible<LoadedAllowlists> {
  const problems: string[] = [];
  const isProtectedRole = compileProtectedRoles(protectedRoles);
  const allowlists: Allowlist[] = [];
  const placesOfNames = new Map<string, Place>();

  for (const file of files) {
    for (const object of yield* readObjects(file, problems)) {
      yield;
      const report = (problem: AllowlistProblem) => problems.push(formatProblem(object, problem));
      const { allowlist, problems: found } = parseAllowlist(object.value);
      if (allowlist === undefined) {
        found.forEach(report);
        continue;
      }

      const namePlace = object.placeOf(['metadata', 'name']);
      const other = placesOfNames.get(allowlist.name);
      if (other === undefined) {
        placesOfNames.set(allowlist.name, namePlace);
      } else {
        report({
          path: ['metadata', 'name'],
          expected: 'a name that no other allowlist has',
          found: `${quoted(allowlist.name)}, as at ${formatPlace(other)}`,
        });
      }
      findProblemsOfFiles(allowlist, isProtectedRole).forEach(report);
      allowlists.push(allowlist);
    }
  }

  return problems.length > 0 ? { problems } : { allowlists };
}

/** What is wrong with a list in a file although its schema allows it. */
function findProblemsOfFiles(
  { spec }: Allowlist,
  isProtectedRole: (role: string) => boolean,
): readonly AllowlistProblem[] {
  const problems: AllowlistProblem[] = [];
  if (spec.namespaceSelector !== undefined) {
    problems.push({
      path: ['spec', 'namespaceSelector'],
      expected: 'namespaces by name, since a file source does not know the labels of namespaces',
      found: 'a selector',
    });
  }
  if (spec.defaultRole !== undefined && isProtectedRole(spec.defaultRole)) {
    problems.push({
      path: ['spec', 'defaultRole'],
      expected: 'a role that is not protected (--protected-roles)',
      found: quoted(spec.defaultRole),
    });
  }
  return problems;
}

function* readObjects(
  { path, text }: AllowlistFile,
  problems: string[],
): Interruptible<readonly FileObject[]> {
  const { documents, problems: yamlProblems } = yield* parseYaml(text);
  for (const { position, message } of yamlProblems) {
    problems.push(
      `${formatPlace({ file: path, position })}: (document): expected YAML or JSON, found: ${message}`,
    );
  }
  return documents.flatMap((document) => toObjects(document, path, problems));
}

function toObjects(document: YamlDocument, file: string, problems: string[]): readonly FileObject[] {
  const at = (prefix: readonly PropertyKey[], value: unknown): FileObject => ({
    value,
    path: formatPath(prefix),
    placeOf: (path) => ({ file, position: document.positionOf([...prefix, ...path]) }),
  });
  const object = at([], document.value);
  const { apiVersion, kind, items } = toRecord(document.value);

  if (!isList(apiVersion, kind)) {
    return isAllowlist(object, apiVersion, kind, problems) ? [object] : [];
  }
  if (!Array.isArray(items)) {
    problems.push(
      formatProblem(object, { path: ['items'], expected: 'a list of objects', found: describe(items) }),
    );
    return [];
  }
  return items
    .map((item, index) => at(['items', index], item))
    .filter((item) => {
      const { apiVersion, kind } = toRecord(item.value);
      return isAllowlist(item, apiVersion, kind, problems);
    });
}

function isList(apiVersion: unknown, kind: unknown): boolean {
  return (apiVersion === 'v1' && kind === 'List') || (apiVersion === API_VERSION && kind === `${KIND}List`);
}

/** Of an object of another kind only that is told: the rest of it follows rules that are not ours. */
function isAllowlist(object: FileObject, apiVersion: unknown, kind: unknown, problems: string[]): boolean {
  if (apiVersion === API_VERSION && kind === KIND) {
    return true;
  }
  const path = kind === KIND ? ['apiVersion'] : ['kind'];
  problems.push(
    formatProblem(object, {
      path,
      expected: kind === KIND ? API_VERSION : `${KIND} of ${API_VERSION}`,
      found: describe(kind === KIND ? apiVersion : kind),
    }),
  );
  return false;
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function formatProblem(
  { path: prefix, placeOf }: FileObject,
  { path, expected, found }: AllowlistProblem,
): string {
  const inner = formatPath(path);
  const separator = prefix === '' || inner === '' || inner.startsWith('[') ? '' : '.';
  const where = `${prefix}${separator}${inner}` || '(document)';
  return `${formatPlace(placeOf(path))}: ${where}: expected ${expected}, found ${found}`;
}

function formatPlace({ file, position }: Place): string {
  return `${file}:${position.line}:${position.column}`;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map(formatKey).join('').replace(/^\./, '');
}

function formatKey(key: PropertyKey): string {
  if (typeof key === 'number') {
    return `[${key}]`;
  }
  const name = String(key);
  return /^[\w-]+$/.test(name) ? `.${name}` : `["${printable(name)}"]`;
}

import { asObject } from '../../json/json.ts';
import { compileProtectedRoles } from '../../policy/names.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { parseAllowlist } from '../../policy/schema/parse.ts';
import { quoted } from '../../text/printable.ts';
import { failure, type Problem, type Result, success } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import {
  byPosition,
  describeMissing,
  type FileObject,
  type FilePosition,
  type FileProblem,
  formatPosition,
  readObjects,
  toFileProblem,
} from './objects.ts';
import type { AllowlistFile } from './read.ts';

/** The allowlists of files, and how many objects of each other kind stand beside them. */
export type FileAllowlists = Readonly<{
  allowlists: readonly Allowlist[];
  otherKinds: ReadonlyMap<string, number>;
}>;

/** Allowlists, or every problem of their files, each a line `file:line:column: …`. */
export type LoadedAllowlists = Result<FileAllowlists, readonly string[]>;

/** Limits of the user of the allowlists. */
export type LoadOptions = Readonly<{
  /** Whether it knows the labels of namespaces, so that allowlists may select by them. */
  labelsAreKnown: boolean;
}>;

/** With files as its source, the server does not know the labels of namespaces. */
const SERVER: LoadOptions = { labelsAreKnown: false };

/**
 * Loads allowlists from files. If any has a problem, none is loaded and all problems are returned. Files without an
 * allowlist are a problem too, unless an empty List among them states that there is none.
 */
export function* loadAllowlists(
  files: readonly AllowlistFile[],
  protectedRoles: readonly string[],
  options: LoadOptions = SERVER,
): TimeSliced<LoadedAllowlists> {
  const problems: string[] = [];
  const read = createAllowlistReader(protectedRoles, options);
  const allowlists: Allowlist[] = [];
  const otherKinds = new Map<string, number>();
  let isNoneOnPurpose = false;

  for (const file of files) {
    const found: FileProblem[] = [];
    const objects = yield* readObjects(file, found);
    isNoneOnPurpose ||= objects.hasEmptyList;
    for (const kind of objects.otherKinds) {
      otherKinds.set(kind, (otherKinds.get(kind) ?? 0) + 1);
    }
    for (const object of objects.allowlists) {
      yield;
      const allowlist = read(object);
      if (allowlist.ok) {
        allowlists.push(allowlist.value);
      } else {
        found.push(...allowlist.problem);
      }
    }
    problems.push(...found.sort(byPosition).map(({ line }) => line));
  }

  if (problems.length === 0 && allowlists.length === 0 && !isNoneOnPurpose) {
    problems.push(...files.map(({ path }) => describeMissing(path).line));
  }
  return problems.length > 0 ? failure(problems) : success({ allowlists, otherKinds });
}

/** Reads an allowlist that stands in a file, or finds its problems. */
export type AllowlistReader = (object: FileObject) => Result<Allowlist, readonly FileProblem[]>;

/** Creates the reader of several allowlists, which have different names. */
export function createAllowlistReader(
  protectedRoles: readonly string[],
  options: LoadOptions = SERVER,
): AllowlistReader {
  const isProtectedRole = compileProtectedRoles(protectedRoles);
  const positionsOfNames = new Map<string, FilePosition>();
  return (object) => {
    const parsed = parseAllowlist(object.value);
    const problems = [
      ...(parsed.ok ? [] : parsed.problem.problems),
      ...findDuplicateName(object, positionsOfNames),
      ...findProblemsOfFiles(object.value, isProtectedRole, options),
    ];
    return parsed.ok && problems.length === 0
      ? success(parsed.value)
      : failure(problems.map((problem) => toFileProblem(object, problem)));
  };
}

function findDuplicateName(
  object: FileObject,
  positionsOfNames: Map<string, FilePosition>,
): readonly Problem[] {
  const path = ['metadata', 'name'];
  const { name } = asObject(asObject(object.value)['metadata']);
  if (typeof name !== 'string') {
    return [];
  }
  const other = positionsOfNames.get(name);
  if (other === undefined) {
    positionsOfNames.set(name, object.positionOf(path));
    return [];
  }
  const found = `${quoted(name)}, as at ${formatPosition(other)}`;
  return [{ path, expected: 'a name that no other allowlist has', found }];
}

/** The problems that only a file has, because the schema allows them. */
function findProblemsOfFiles(
  value: unknown,
  isProtectedRole: (role: string) => boolean,
  { labelsAreKnown }: LoadOptions,
): readonly Problem[] {
  const { namespaceSelector, defaultRole } = asObject(asObject(value)['spec']);
  const problems: Problem[] = [];
  if (!labelsAreKnown && namespaceSelector !== undefined && namespaceSelector !== null) {
    problems.push({
      path: ['spec', 'namespaceSelector'],
      expected: 'namespaces by name, since a file source does not know the labels of namespaces',
      found: 'a selector',
    });
  }
  if (typeof defaultRole === 'string' && isProtectedRole(defaultRole)) {
    problems.push({
      path: ['spec', 'defaultRole'],
      expected: 'a role that is not protected (--protected-roles)',
      found: quoted(defaultRole),
    });
  }
  return problems;
}

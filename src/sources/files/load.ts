import { asObject } from '../../json/json.ts';
import { compileProtectedRoles } from '../../policy/policy.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { parseAllowlist } from '../../policy/schema/parse.ts';
import { quoted } from '../../text/printable.ts';
import { failure, type Problem, type Result, success } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import { type FileObject, readObjects } from './objects.ts';
import { byPosition, type FilePosition, type FileProblem, formatPosition, toFileProblem } from './problem.ts';
import type { AllowlistFile } from './read.ts';

/** Allowlists, or every problem of their files, each a line `file:line:column: …`. */
export type LoadedAllowlists = Result<readonly Allowlist[], readonly string[]>;

/** Limits of the user of the allowlists. */
export type LoadOptions = Readonly<{
  /** Whether it knows the labels of namespaces, so that allowlists may select by them. */
  labelsAreKnown: boolean;
}>;

/** With files as its source, the server does not know the labels of namespaces. */
const SERVER: LoadOptions = { labelsAreKnown: false };

/** Loads allowlists from files. If any has a problem, none is loaded and all problems are returned. */
export function* loadAllowlists(
  files: readonly AllowlistFile[],
  protectedRoles: readonly string[],
  options: LoadOptions = SERVER,
): TimeSliced<LoadedAllowlists> {
  const problems: string[] = [];
  const isProtectedRole = compileProtectedRoles(protectedRoles);
  const allowlists: Allowlist[] = [];
  const positionsOfNames = new Map<string, FilePosition>();

  for (const file of files) {
    const found: FileProblem[] = [];
    for (const object of yield* readObjects(file, found)) {
      yield;
      const parsed = parseAllowlist(object.value);
      const others = [
        ...findDuplicateName(object, positionsOfNames),
        ...findProblemsOfFiles(object.value, isProtectedRole, options),
      ];
      for (const problem of [...(parsed.ok ? [] : parsed.problem.problems), ...others]) {
        found.push(toFileProblem(object, problem));
      }
      if (parsed.ok) {
        allowlists.push(parsed.value);
      }
    }
    problems.push(...found.sort(byPosition).map(({ line }) => line));
  }

  return problems.length > 0 ? failure(problems) : success(allowlists);
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

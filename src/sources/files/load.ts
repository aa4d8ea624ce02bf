import { asObject } from '../../json/json.ts';
import { compileProtectedRoles } from '../../policy/policy.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { parseAllowlist } from '../../policy/schema/parse.ts';
import { quoted } from '../../text/printable.ts';
import { failure, type Problem, type Result, success } from '../../text/problem.ts';
import type { TimeSliced } from '../time-slice.ts';
import { type FileObject, readObjects } from './objects.ts';
import { byPosition, type FileProblem, formatPlace, type Place, toFileProblem } from './problem.ts';
import type { AllowlistFile } from './read.ts';

/** Allowlists, or every problem of their files, each a line `file:line:column: …`. */
export type LoadedAllowlists = Result<readonly Allowlist[], readonly string[]>;

/** What whoever uses the allowlists of files can make of them. */
export type LoadOptions = Readonly<{
  /** Whether the labels of namespaces are known where the lists are used, so that they may select by them. */
  labelsAreKnown: boolean;
}>;

/** The server knows no labels where its lists come from files. */
const SERVER: LoadOptions = { labelsAreKnown: false };

/** Loads allowlists from files; all of them are good, or none is loaded and all problems are told. */
export function* loadAllowlists(
  files: readonly AllowlistFile[],
  protectedRoles: readonly string[],
  options: LoadOptions = SERVER,
): TimeSliced<LoadedAllowlists> {
  const problems: string[] = [];
  const isProtectedRole = compileProtectedRoles(protectedRoles);
  const allowlists: Allowlist[] = [];
  const placesOfNames = new Map<string, Place>();

  for (const file of files) {
    const found: FileProblem[] = [];
    for (const object of yield* readObjects(file, found)) {
      yield;
      const parsed = parseAllowlist(object.value);
      const others = [
        ...findDuplicateName(object, placesOfNames),
        ...findProblemsOfFiles(object.value, isProtectedRole, options),
      ];
      for (const problem of [...(parsed.problems ?? []), ...others]) {
        found.push(toFileProblem(object, problem));
      }
      if (parsed.allowlist !== undefined) {
        allowlists.push(parsed.allowlist);
      }
    }
    problems.push(...found.sort(byPosition).map(({ line }) => line));
  }

  return problems.length > 0 ? failure(problems) : success(allowlists);
}

function findDuplicateName(object: FileObject, placesOfNames: Map<string, Place>): readonly Problem[] {
  const path = ['metadata', 'name'];
  const { name } = asObject(asObject(object.value)['metadata']);
  if (typeof name !== 'string') {
    return [];
  }
  const other = placesOfNames.get(name);
  if (other === undefined) {
    placesOfNames.set(name, object.placeOf(path));
    return [];
  }
  const found = `${quoted(name)}, as at ${formatPlace(other)}`;
  return [{ path, expected: 'a name that no other allowlist has', found }];
}

/** What may not stand in a file although the schema allows it, whatever else is wrong with the list. */
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

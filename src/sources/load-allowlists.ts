import type { Allowlist } from '../policy/allowlist.ts';
import { type AllowlistProblem, parseAllowlist } from '../policy/parse-allowlist.ts';
import { quoted } from '../policy/printable.ts';
import { compileProtectedRoles } from '../policy/protected-roles.ts';
import { readObjects } from './file-objects.ts';
import { formatPlace, formatProblem, type Place } from './format-problem.ts';
import type { Interruptible } from './interruptible.ts';
import type { AllowlistFile } from './read-files.ts';

/** Allowlists, or every problem of the files they should have come from, each a line `file:line:column: …`. */
export type LoadedAllowlists =
  | Readonly<{ allowlists: readonly Allowlist[]; problems?: never }>
  | Readonly<{ allowlists?: never; problems: readonly string[] }>;

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

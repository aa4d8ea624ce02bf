import type { PatchOperation } from '../decision.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';

const ANNOTATIONS_PATH = '/metadata/annotations';
const ROLE_PATH = `${ANNOTATIONS_PATH}/${ROLE_ANNOTATION.replaceAll('/', '~1')}`;

/** Sets the annotation. The map is created where it is absent or null, and only there: to add it anew would wipe the others. */
export function setRole(
  role: string,
  { hasAnnotations }: Readonly<{ hasAnnotations: boolean }>,
): PatchOperation {
  return hasAnnotations
    ? { op: 'add', path: ROLE_PATH, value: role }
    : { op: 'add', path: ANNOTATIONS_PATH, value: { [ROLE_ANNOTATION]: role } };
}

/** Removes the annotation, which must be there: an operation that does not apply rejects the pod. */
export const removeRole: PatchOperation = { op: 'remove', path: ROLE_PATH };

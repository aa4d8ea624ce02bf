import type { PatchOperation } from '../decision.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';

const ANNOTATIONS_PATH = '/metadata/annotations';
const ROLE_PATH = `${ANNOTATIONS_PATH}/${ROLE_ANNOTATION.replaceAll('/', '~1')}`;

/**
 * Sets the annotation. Adds the map only if it is absent or null, because adding it would remove all other annotations.
 */
export function setRole(
  role: string,
  { hasAnnotations }: Readonly<{ hasAnnotations: boolean }>,
): PatchOperation {
  return hasAnnotations
    ? { op: 'add', path: ROLE_PATH, value: role }
    : { op: 'add', path: ANNOTATIONS_PATH, value: { [ROLE_ANNOTATION]: role } };
}

/** Removes the annotation. It must exist: the API server rejects a pod whose patch does not apply. */
export const removeRole: PatchOperation = { op: 'remove', path: ROLE_PATH };

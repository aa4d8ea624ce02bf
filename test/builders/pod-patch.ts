import assert from 'node:assert/strict';
import { apply_patch } from 'jsonpatch';
import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';

/** Applies a patch to a pod as jsonpatch does. It copies by assignment, so a key `__proto__` is lost from its result. */
export function applyPatch(pod: unknown, patch: readonly unknown[]): unknown {
  return patch.length === 0 ? pod : apply_patch(pod, [...patch]);
}

/** Asserts that two pods are the same in all but the role they name, and in having a map of annotations. */
export function assertOnlyRoleDiffers(after: unknown, before: unknown): void {
  assert.deepEqual(withoutRole(after), withoutRole(before));
}

/** Asserts that two JSON values are the same, keys `__proto__` aside. */
export function assertSamePod(actual: unknown, expected: unknown): void {
  assert.deepEqual(withoutProto(actual), withoutProto(expected));
}

/** A copy of a pod that names this role, or none. Its annotations are a map, though an empty one. */
export function podNaming(role: string | undefined, pod: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(pod));
  const { [ROLE_ANNOTATION]: _, ...others } = copy.metadata.annotations ?? {};
  copy.metadata.annotations = { ...others, ...(role !== undefined && { [ROLE_ANNOTATION]: role }) };
  return copy;
}

/** A copy in which no object has a key `__proto__`. */
export function withoutProto(value: unknown) {
  return JSON.parse(JSON.stringify(value ?? null), (key, child) => (key === '__proto__' ? undefined : child));
}

function withoutRole(pod: unknown) {
  const copy = withoutProto(pod);
  const metadata = copy?.metadata;
  if (typeof metadata === 'object' && metadata !== null) {
    const { [ROLE_ANNOTATION]: _, ...others } = metadata.annotations ?? {};
    metadata.annotations = others;
  }
  return copy;
}

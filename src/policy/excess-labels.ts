import type { AllowlistProblem } from './allowlist-problem.ts';
import { asObject } from './json-object.ts';
import { hasTooManyLabels, LABELS_WORDS } from './label-selector-schema.ts';

// Zod looks at every entry of a map before it counts them: too many are told without it.

/** Tells of more labels in the selector of what claims to be an allowlist than there may be. */
export function findExcessLabels(root: unknown): AllowlistProblem[] {
  const path = ['spec', 'namespaceSelector', 'matchLabels'];
  return hasTooManyLabels(selectorOf(root)) ? [{ path, expected: LABELS_WORDS, found: 'an object' }] : [];
}

/** The same object without any labels in its selector where there are too many. */
export function withoutExcessLabels(root: unknown): unknown {
  const selector = selectorOf(root);
  if (!hasTooManyLabels(selector)) {
    return root;
  }
  const namespaceSelector = { ...asObject(selector), matchLabels: {} };
  return { ...asObject(root), spec: { ...asObject(asObject(root)['spec']), namespaceSelector } };
}

function selectorOf(root: unknown): unknown {
  return asObject(asObject(root)['spec'])['namespaceSelector'];
}

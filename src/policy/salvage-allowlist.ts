import { type Allowlist, allowlistSchema } from './allowlist.ts';
import { asObject } from './json-object.ts';

/**
 * What still counts of an object that the API server accepted and our schema does not, as after an upgrade: it selects
 * the namespaces that can be read of it, with Deny whatever its own action, and allows and injects nothing. So it takes
 * no good list down, and what it was to restrict is not opened.
 */
export function salvageAllowlist(name: string, spec: unknown): Allowlist {
  const { namespaces, namespaceSelector } = asObject(spec);
  const { namespaces: namespacesSchema, namespaceSelector: selectorSchema } =
    allowlistSchema.shape.spec.shape;
  const patterns = Array.isArray(namespaces) ? namespaces : [];
  const readable = patterns.filter((pattern) => namespacesSchema.safeParse([pattern]).success);
  const selector = selectorSchema.safeParse(namespaceSelector);
  return {
    name,
    spec: {
      ...(readable.length > 0 && { namespaces: readable }),
      ...(selector.success && selector.data !== undefined && { namespaceSelector: selector.data }),
      roles: [],
      injectInto: 'EciPods',
      violationAction: 'Deny',
    },
  };
}

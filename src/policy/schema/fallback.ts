import { asObject } from '../../json/json.ts';
import { isNamespacePattern } from '../names.ts';
import type { Allowlist, AllowlistSpec } from './allowlist.ts';
import { hasTooManyLabels, labelSelectorSchema } from './label-selector.ts';

/**
 * Builds the allowlist that replaces an object that the API server accepted and our schema does not, for example after an
 * upgrade. It selects the namespaces that can be read from the object, denies, and allows and injects nothing. So one
 * invalid object does not affect valid allowlists, and does not open the namespaces that it restricts.
 */
export function denyOnlyFallback(name: string, spec: unknown): Allowlist {
  const { namespaces, namespaceSelector } = asObject(spec);
  const readable = Array.isArray(namespaces) ? namespaces.filter(isNamespacePattern) : [];
  const selector = readSelector(namespaceSelector);
  return {
    name,
    spec: {
      ...(readable.length > 0 && { namespaces: readable }),
      ...(selector !== undefined && { namespaceSelector: selector }),
      ...DENY_ONLY,
    },
  };
}

/** The form of an allowlist that is over a bound: it selects its namespaces, denies, and allows and injects nothing. */
export function denyOnlyForm({ name, spec: { namespaces, namespaceSelector } }: Allowlist): Allowlist {
  return {
    name,
    spec: {
      ...(namespaces !== undefined && { namespaces }),
      ...(namespaceSelector !== undefined && { namespaceSelector }),
      ...DENY_ONLY,
    },
  };
}

/** Everything but the namespaces of an allowlist that only denies. */
export const DENY_ONLY = {
  roles: [],
  injectInto: 'EciPods',
  violationAction: 'Deny',
} satisfies AllowlistSpec;

function readSelector(value: unknown): AllowlistSpec['namespaceSelector'] {
  return hasTooManyLabels(value) ? undefined : labelSelectorSchema.safeParse(value).data;
}

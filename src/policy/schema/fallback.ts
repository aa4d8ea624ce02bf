import { asObject } from '../../json/json.ts';
import { isNamespacePattern } from '../names.ts';
import type { Allowlist, AllowlistSpec } from './allowlist.ts';
import { hasTooManyLabels, labelSelectorSchema } from './label-selector.ts';

/**
 * What still counts of an object that the API server accepted and our schema does not, as after an upgrade: it selects
 * the namespaces that can be read of it, with Deny whatever its own action, and allows and injects nothing. So it takes
 * no good list down, and what it was to restrict is not opened.
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
      roles: [],
      injectInto: 'EciPods',
      violationAction: 'Deny',
    },
  };
}

function readSelector(value: unknown): AllowlistSpec['namespaceSelector'] {
  return hasTooManyLabels(value) ? undefined : labelSelectorSchema.safeParse(value).data;
}

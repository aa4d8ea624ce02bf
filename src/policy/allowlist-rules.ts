import { compileGlobs } from './glob.ts';
import { isRoleName } from './role-name.ts';

// The rules between the fields of a spec, for values of which nothing has been checked yet.

type Unchecked = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function namesItsNamespacesOnce({ namespaces, namespaceSelector }: Unchecked): boolean {
  return (namespaces === undefined) !== (namespaceSelector === undefined);
}

export function coversItsDefault({ roles, defaultRole }: Unchecked): boolean {
  if (typeof defaultRole !== 'string' || !isRoleName(defaultRole) || !Array.isArray(roles)) {
    return true;
  }
  return compileGlobs(roles.filter((role) => typeof role === 'string'))(defaultRole);
}

export function givesItsReason({ expiresAt, reason }: Unchecked): boolean {
  return expiresAt === undefined || reason !== undefined;
}

import { compileGlobs } from './glob.ts';
import type { JsonObject } from './json-object.ts';
import { isRoleName } from './role-name.ts';

// The rules between the fields of a spec, for values of which nothing has been checked yet.

export function namesItsNamespacesOnce({ namespaces, namespaceSelector }: JsonObject): boolean {
  return (namespaces === undefined) !== (namespaceSelector === undefined);
}

export function coversItsDefault({ roles, defaultRole }: JsonObject): boolean {
  if (typeof defaultRole !== 'string' || !isRoleName(defaultRole) || !Array.isArray(roles)) {
    return true;
  }
  return compileGlobs(roles.filter((role) => typeof role === 'string'))(defaultRole);
}

export function givesItsReason({ expiresAt, reason }: JsonObject): boolean {
  return expiresAt === undefined || reason !== undefined;
}

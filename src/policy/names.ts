/** The most characters of a RAM role name. */
export const MAX_ROLE_NAME_LENGTH = 64;

/** The name of a RAM role. RAM's documents disagree on `_` and `@`; this accepts both. */
export const ROLE_NAME = /^[A-Za-z0-9._@-]{1,64}$/;

/** A role name in which `*` matches any number of characters. */
export const ROLE_PATTERN = /^[A-Za-z0-9._@*-]{1,64}$/;

/** Longer than any ARN, even with whitespace around it. */
const MAX_ARN_LENGTH = 1_024;
const ARN = /^acs:ram::[^:]*:role\/(.*)$/i;

/** Whether RAM can have a role of this name. */
export function isRoleName(value: string): boolean {
  return value.length <= MAX_ROLE_NAME_LENGTH && ROLE_NAME.test(value);
}

/**
 * The role name inside a RAM role's ARN (`acs:ram::<account>:role/<name>`); undefined if the text is not an
 * ARN. The annotation takes only names.
 */
export function roleNameOfArn(value: string): string | undefined {
  return value.length > MAX_ARN_LENGTH ? undefined : ARN.exec(value.trim())?.[1]?.trim();
}

/** The most characters of the name of an object or ServiceAccount. */
export const MAX_OBJECT_NAME_LENGTH = 253;

/** The most characters of a namespace's name. */
export const MAX_NAMESPACE_LENGTH = 63;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAMESPACE_NAME = new RegExp(`^${LABEL}$`);
const POD_NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** Whether a namespace can have this name: an RFC 1123 label. */
export function isNamespaceName(value: string): boolean {
  return value.length <= MAX_NAMESPACE_LENGTH && NAMESPACE_NAME.test(value);
}

/** Whether a pod can have this name: an RFC 1123 subdomain. */
export function isPodName(value: string): boolean {
  return value.length <= MAX_OBJECT_NAME_LENGTH && POD_NAME.test(value);
}

/** A namespace's name in which `*` matches any number of characters. */
export const NAMESPACE_PATTERN = /^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;

/** Whether a value of any type is such a pattern. */
export function isNamespacePattern(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAMESPACE_LENGTH && NAMESPACE_PATTERN.test(value);
}

/** The most characters a RAM role name has. */
export const MAX_ROLE_NAME_LENGTH = 64;

/** A RAM role's name. RAM's documents disagree on `_` and `@`; both are taken as possible. */
export const ROLE_NAME = /^[A-Za-z0-9._@-]{1,64}$/;

/** A role name in which `*` stands for any run of characters. */
export const ROLE_PATTERN = /^[A-Za-z0-9._@*-]{1,64}$/;

const ARN = /^acs:ram::[^:]*:role\/(.*)$/i;

/** Tells whether RAM could have a role of this name. */
export function isRoleName(value: string): boolean {
  return ROLE_NAME.test(value);
}

/**
 * The role name inside a RAM role's ARN (`acs:ram::<account>:role/<name>`), undefined where the text is no
 * ARN. The annotation takes names only.
 */
export function roleNameOfArn(value: string): string | undefined {
  return ARN.exec(value.trim())?.[1]?.trim();
}

/** The most characters a namespace's name has. */
export const MAX_NAMESPACE_LENGTH = 63;

/** A namespace's name in which `*` stands for any run of characters. */
export const NAMESPACE_PATTERN = /^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;

/** Tells whether a value of any type is such a pattern. */
export function isNamespacePattern(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAMESPACE_LENGTH && NAMESPACE_PATTERN.test(value);
}

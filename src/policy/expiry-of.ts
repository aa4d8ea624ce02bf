import type { AllowlistSpec } from './allowlist.ts';

/** From when on a list allows nothing: milliseconds since the epoch, infinite where it never expires. */
export function expiryOf({ expiresAt }: AllowlistSpec): number {
  return expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
}

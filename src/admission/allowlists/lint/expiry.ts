import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import { type AllowlistWarning, warnOf } from './finding.ts';

const YEAR_MS = 366 * 86_400_000;

/** Finds a time that is over, and one so far away that its year may be a slip of the hand. */
export function warnOfExpiry({ expiresAt }: AllowlistSpec, now: number): readonly AllowlistWarning[] {
  if (expiresAt === undefined) {
    return [];
  }
  const places = [{ path: 'spec.expiresAt', value: expiresAt }];
  const left = Date.parse(expiresAt) - now;
  return [
    ...warnOf(
      left <= 0 ? places : [],
      'over already, so the list allows nothing',
      'give a later time, or delete the list',
    ),
    ...warnOf(
      left > YEAR_MS ? places : [],
      'more than a year ahead',
      'check the year; what is to last has no expiresAt',
    ),
  ];
}

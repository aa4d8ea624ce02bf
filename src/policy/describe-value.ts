import { quoted } from './printable.ts';
import { roleNameOfArn } from './role-name.ts';

/** A value as it is told in a problem: short, on one line, its kind where its content would not help. */
export function describeValue(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'string') {
    return describeText(value);
  }
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) {
    return 'an object';
  }
  return String(value);
}

function describeText(value: string): string {
  const roleName = roleNameOfArn(value);
  return roleName === undefined
    ? quoted(value)
    : `the ARN ${quoted(value)}: use the role name ${quoted(roleName)}`;
}

import type { ListSpec } from './attack.ts';

/** An allowlist of patterns that have to be compared one by one, each with twenty asterisks. Another edit has other roles. */
export function patternList(
  index: number,
  size: Readonly<{ namespaces: number; roles: number }>,
  edit = 0,
): ListSpec {
  const patterns = (count: number, end: string) =>
    Array.from({ length: count }, (_, pattern) => {
      const number = String(pattern).padStart(3, '0');
      return `team-a-${number}${'*a'.repeat(20)}${end}`;
    });
  return {
    name: `team-a-${index}`,
    spec: {
      namespaces: patterns(size.namespaces, String(index)),
      roles: patterns(size.roles, `${index}-${edit}`),
    },
  };
}

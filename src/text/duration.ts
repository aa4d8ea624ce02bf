const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/**
 * Formats a positive duration in milliseconds in its two largest units, rounded down: `5d 3h`, `20min`; at least `1s`.
 */
export function formatTimeLeft(milliseconds: number): string {
  let seconds = Math.max(1, Math.floor(milliseconds / 1000));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0) {
      parts.push(`${count}${unit}`);
    } else if (parts.length > 0) {
      break;
    }
  }
  return parts.slice(0, 2).join(' ');
}

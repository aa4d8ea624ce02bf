import { isObject } from './json.ts';

type Pending = Readonly<{ text: string; value?: never }> | Readonly<{ text?: never; value: unknown }>;

/**
 * A JSON value as one text that is the same for, and only for, the same value, whatever the order of its keys; undefined
 * where it holds more than `maxValues`. By a stack of what is still to write: JSON.stringify recurses, and a request may
 * be nested deeper than that can go.
 */
export function canonicalJson(root: unknown, maxValues = Number.POSITIVE_INFINITY): string | undefined {
  const parts: string[] = [];
  const pending: Pending[] = [{ value: root }];
  let values = 1;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value === 'object' && next.value !== null) {
      values += Array.isArray(next.value) ? next.value.length : Object.keys(next.value).length;
    }
    if (values > maxValues) {
      return undefined;
    }
    if (next.text !== undefined) {
      parts.push(next.text);
    } else if (Array.isArray(next.value)) {
      pushReversed(
        pending,
        '[',
        next.value.map((item) => ['', item]),
        ']',
      );
    } else if (isObject(next.value)) {
      const entries = Object.entries(next.value).sort(([a], [b]) => (a < b ? -1 : 1));
      pushReversed(
        pending,
        '{',
        entries.map(([key, value]) => [`${JSON.stringify(key)}:`, value]),
        '}',
      );
    } else if (typeof next.value === 'number') {
      // JSON.stringify writes 1e400, which is parsed as infinite, as null.
      parts.push(String(next.value));
    } else {
      parts.push(JSON.stringify(next.value) ?? 'undefined');
    }
  }
  return parts.join('');
}

/** The last is pushed first, so that the first is written first. */
function pushReversed(
  pending: Pending[],
  open: string,
  members: readonly (readonly [label: string, value: unknown])[],
  close: string,
): void {
  pending.push({ text: close });
  for (const [label, value] of members.toReversed()) {
    pending.push({ text: ',' }, { value }, { text: label });
  }
  pending.push({ text: open });
}

import { isObject } from '../policy/json-object.ts';

/** Tells whether two JSON values are the same, whatever the order of their keys. Never recurses, however deep they are. */
export function isSameJson(first: unknown, second: unknown): boolean {
  const pending: [unknown, unknown][] = [[first, second]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [a, b] = pair;
    if (a === b) {
      continue;
    }
    if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
      for (const [index, value] of a.entries()) {
        pending.push([value, b[index]]);
      }
    } else if (isObject(a) && isObject(b) && hasSameKeys(a, b)) {
      for (const [key, value] of Object.entries(a)) {
        pending.push([value, b[key]]);
      }
    } else {
      return false;
    }
  }
  return true;
}

function hasSameKeys(a: object, b: object): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key));
}

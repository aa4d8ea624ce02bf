import { isObject } from './json.ts';

/** Tells whether two JSON values are the same, whatever the order of their keys. Never recurses, however deep they are. */
export function isSameJson(first: unknown, second: unknown): boolean {
  const pending: [unknown, unknown][] = [];
  const compareLater = (a: unknown, b: unknown) => {
    if (a !== b) {
      pending.push([a, b]);
    }
  };
  compareLater(first, second);
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [a, b] = pair;
    if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
      for (let index = 0; index < a.length; index++) {
        compareLater(a[index], b[index]);
      }
    } else if (isObject(a) && isObject(b) && hasSameKeys(a, b)) {
      for (const key of Object.keys(a)) {
        compareLater(a[key], b[key]);
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

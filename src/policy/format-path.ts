import { MAX_SHOWN_CHARACTERS, quoted } from './printable.ts';

/** The path of a part of an object as users write it: `spec.roles[2]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.map(formatKey).join('').replace(/^\./, '');
}

function formatKey(key: PropertyKey): string {
  if (typeof key === 'number') {
    return `[${key}]`;
  }
  const name = String(key);
  return /^[\w-]+$/.test(name) && name.length <= MAX_SHOWN_CHARACTERS ? `.${name}` : `[${quoted(name)}]`;
}

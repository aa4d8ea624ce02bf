import { cut } from './printable.ts';

/**
 * Returns one copy of equal texts, which holds no larger text in memory as a slice of one does. V8 keeps a single copy of
 * every name of a property, and frees it when nothing uses it.
 */
export function intern(text: string): string {
  const names: Record<string, true> = Object.create(null);
  names[text] = true;
  for (const name in names) {
    return name;
  }
  return text;
}

/** The first `max` characters of a text, which hold nothing else of it in memory. */
export function internCut(text: string, max: number): string {
  return intern(cut(text, max));
}

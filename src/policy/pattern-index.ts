import { isGlob, matchesGlob } from './glob.ts';

/**
 * Values by patterns. Finds those whose pattern matches a text without trying every pattern: exact names and patterns such
 * as `team-*` are looked up, and only a pattern with text after its first star is tried, if the text begins as it does.
 */
export type PatternIndex<Value> = Readonly<{
  add: (pattern: string, value: Value) => void;
  remove: (pattern: string, value: Value) => void;
  /** Whether there is a value of this exact name. */
  hasExact: (name: string) => boolean;
  /** Visits the values of this exact name. */
  visitExact: (name: string, visit: (value: Value) => void) => void;
  /** Visits the values of the patterns with a star that match. Visits a value once for each pattern. */
  visitGlobs: (text: string, visit: (value: Value) => void) => void;
}>;

export function createPatternIndex<Value extends object>(): PatternIndex<Value> {
  // Exact names, and patterns whose only star ends them: each is its own key.
  const simple = new Map<string, Holders<Value>>();
  const simpleLengths = createLengths();
  // The other patterns, by the text before their first star.
  const others = new Map<string, Map<string, Holders<Value>>>();
  const otherLengths = createLengths();

  return {
    add: (pattern, value) => {
      const star = pattern.indexOf('*');
      if (isSimple(pattern, star)) {
        if (addHolder(simple, pattern, value) && star !== -1) {
          simpleLengths.add(star);
        }
        return;
      }
      const beginning = pattern.slice(0, star);
      const group = others.get(beginning);
      if (group !== undefined) {
        addHolder(group, pattern, value);
      } else {
        others.set(beginning, new Map([[pattern, value]]));
        otherLengths.add(star);
      }
    },
    remove: (pattern, value) => {
      const star = pattern.indexOf('*');
      if (isSimple(pattern, star)) {
        if (removeHolder(simple, pattern, value) && star !== -1) {
          simpleLengths.remove(star);
        }
        return;
      }
      const beginning = pattern.slice(0, star);
      const group = others.get(beginning);
      if (group !== undefined && removeHolder(group, pattern, value) && group.size === 0) {
        others.delete(beginning);
        otherLengths.remove(star);
      }
    },
    hasExact: (name) => !isGlob(name) && simple.has(name),
    visitExact: (name, visit) => {
      if (!isGlob(name)) {
        visitHolders(simple.get(name), visit);
      }
    },
    visitGlobs: (text, visit) => {
      simpleLengths.visit(text.length, (length) =>
        visitHolders(simple.get(`${text.slice(0, length)}*`), visit),
      );
      otherLengths.visit(text.length, (length) => {
        for (const [pattern, holders] of others.get(text.slice(0, length)) ?? []) {
          if (matchesGlob(pattern, text)) {
            visitHolders(holders, visit);
          }
        }
      });
    },
  };
}

/** Whether nothing follows the first star of a pattern; -1 stands for no star. */
function isSimple(pattern: string, star: number): boolean {
  return star === -1 || star === pattern.length - 1;
}

/** Most patterns have one holder, which then needs no Set. */
type Holders<Value> = Value | Set<Value>;

/** Returns whether the pattern is new. */
function addHolder<Value extends object>(
  map: Map<string, Holders<Value>>,
  pattern: string,
  value: Value,
): boolean {
  const known = map.get(pattern);
  if (known === undefined) {
    map.set(pattern, value);
  } else if (known instanceof Set) {
    known.add(value);
  } else if (known !== value) {
    map.set(pattern, new Set([known, value]));
  }
  return known === undefined;
}

/** Returns whether the pattern is gone. */
function removeHolder<Value extends object>(
  map: Map<string, Holders<Value>>,
  pattern: string,
  value: Value,
): boolean {
  const known = map.get(pattern);
  const isLast = known instanceof Set ? known.delete(value) && known.size === 0 : known === value;
  return isLast && map.delete(pattern);
}

function visitHolders<Value extends object>(
  holders: Holders<Value> | undefined,
  visit: (value: Value) => void,
): void {
  if (holders instanceof Set) {
    for (const value of holders) {
      visit(value);
    }
  } else if (holders !== undefined) {
    visit(holders);
  }
}

/** The lengths of some texts, so that a lookup tries no other one. */
function createLengths() {
  const counts = new Map<number, number>();
  let sorted: readonly number[] = [];

  return {
    add: (length: number) => count(length, 1),
    remove: (length: number) => count(length, -1),
    visit: (max: number, visit: (length: number) => void) => {
      for (const length of sorted) {
        if (length > max) {
          return;
        }
        visit(length);
      }
    },
  };

  function count(length: number, change: number): void {
    const next = (counts.get(length) ?? 0) + change;
    if (next === 0) {
      counts.delete(length);
    } else {
      counts.set(length, next);
    }
    if (counts.size !== sorted.length) {
      sorted = [...counts.keys()].sort((a, b) => a - b);
    }
  }
}

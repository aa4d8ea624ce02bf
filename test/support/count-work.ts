/** What was done with a value and its texts. */
export type Work = Readonly<{
  /** How often a key, or the keys, of an object or array inside the value was read. */
  reads: number;
  /** The characters of all texts that were folded, cleaned, searched by a regular expression or taken apart. */
  characters: number;
}>;

const COSTLY_METHODS = [
  ...(['normalize', 'replace', 'replaceAll', 'split', 'toLowerCase', 'toUpperCase', 'trim'] as const),
  ...(['match', 'matchAll', 'search', Symbol.iterator] as const),
];

/** Counts the work of a synchronous function on a JSON value. */
export function countWork(value: unknown, run: (value: unknown) => void): Work {
  let reads = 0;
  let characters = 0;
  const restores = COSTLY_METHODS.map((name) =>
    patch(String.prototype, name, (text) => {
      characters += String(text).length;
    }),
  );
  restores.push(
    patch(RegExp.prototype, 'test', (_, text) => {
      characters += String(text).length;
    }),
  );
  try {
    run(
      observe(value, () => {
        reads += 1;
      }),
    );
  } finally {
    for (const restore of restores) {
      restore();
    }
  }
  return { reads, characters };
}

function patch<Target extends object>(
  target: Target,
  name: keyof Target,
  count: (self: unknown, argument: unknown) => void,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function') {
    throw new Error(`expected a method ${String(name)}`);
  }
  Object.defineProperty(target, name, {
    ...descriptor,
    value(this: unknown, ...args: unknown[]) {
      count(this, args[0]);
      return Reflect.apply(original, this, args);
    },
  });
  return () => Object.defineProperty(target, name, descriptor);
}

/** A view of a value that calls a function at every read. */
function observe(value: unknown, onRead: () => void): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return new Proxy(value, {
    get: (target, key) => {
      onRead();
      return observe(Reflect.get(target, key), onRead);
    },
    ownKeys: (target) => {
      onRead();
      return Reflect.ownKeys(target);
    },
  });
}

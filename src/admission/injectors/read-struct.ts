import { isObject } from '../../json/json.ts';
import { describeValue } from '../../policy/schema/parse.ts';

/** What we cannot read as its reader might: `path: expected …, found …`. */
export type InjectorProblem = Readonly<{ path: string; expected: string; found: string }>;

/** A value that was read, or why it could not be. */
export type Read<Value> =
  | Readonly<{ value: Value; problem?: never }>
  | Readonly<{ value?: never; problem: InjectorProblem }>;

/** The answer where something else was expected than what is there. */
export function unreadable(
  path: string,
  expected: string,
  found: unknown,
): Readonly<{ problem: InjectorProblem }> {
  return { problem: { path, expected, found: describeValue(found) } };
}

/**
 * Reads fields as Go reads a struct: null as absent, others passed over. A field in another case (`Effect`) is unreadable,
 * for encoding/json takes it for the field, and the decoder of Kubernetes' own clients does not.
 */
export function readStruct(
  value: unknown,
  path: string,
  fields: readonly string[],
): Read<ReadonlyMap<string, unknown>> {
  if (value === undefined || value === null) {
    return { value: new Map() };
  }
  if (!isObject(value)) {
    return unreadable(path, 'an object', value);
  }
  const names = new Map(fields.map((field) => [foldAsGo(field), field]));
  const read = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    const field = names.get(foldAsGo(key));
    if (field === undefined) {
      continue;
    }
    if (field !== key) {
      return unreadable(`${path}.${field}`, 'this spelling of the field', key);
    }
    read.set(field, inner);
  }
  return { value: read };
}

/** encoding/json folds these two letters beyond ASCII too: ſ is an s, the Kelvin sign a k, which toLowerCase knows. */
function foldAsGo(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's');
}

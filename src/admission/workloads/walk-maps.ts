import { asArray, asObject, isObject, type JsonObject } from '../../json/json.ts';
import { MAX_SHOWN_CHARACTERS, shorten } from '../../text/printable.ts';

const MAX_PATH_STEPS = 12;

/** A map or a list inside an object, and the way to it; of the object itself the key is empty. */
export type Step = Readonly<{ value: object; key: string | number; parent: Step | undefined }>;

/** A map inside an object. To list the keys of a large one costs more than all else that is done with it: they come along. */
export type WalkedMap = Readonly<{ map: JsonObject; keys: readonly string[]; step: Step }>;

/**
 * Walks through the maps inside an object, at any depth, in the order in which they are written.
 *
 * @param isEntered tells whether to go on into what lies under a key of a map, which may be the object itself
 */
export function* walkMaps(
  object: unknown,
  isEntered: (key: string, parent: Step) => boolean,
): Generator<WalkedMap, void> {
  const pending: Step[] = [];
  const enter = (value: unknown, key: string | number, parent: Step) => {
    if (typeof value === 'object' && value !== null && (typeof key === 'number' || isEntered(key, parent))) {
      pending.push({ value, key, parent });
    }
  };
  // What is pushed last is taken first.
  const enterMembers = (list: Step) => {
    const members = asArray(list.value);
    for (let index = members.length - 1; index >= 0; index--) {
      enter(members[index], index, list);
    }
  };
  const enterValues = (step: Step, map: JsonObject, keys: readonly string[]) => {
    for (const key of keys.toReversed()) {
      enter(map[key], key, step);
    }
  };

  const root = asObject(object);
  enterValues({ value: root, key: '', parent: undefined }, root, Object.keys(root));
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { value } = step;
    if (isObject(value)) {
      const keys = Object.keys(value);
      yield { map: value, keys, step };
      enterValues(step, value, keys);
    } else {
      enterMembers(step);
    }
  }
}

/** The way to a map or list as users write it, such as `spec.tasks[0].template`; of a long one the end. */
export function formatPath(last: Step): string {
  // Not even a hundred ways through long keys may fill the memory.
  const keys: string[] = [];
  let step: Step | undefined = last;
  while (step?.parent !== undefined && keys.length < MAX_PATH_STEPS) {
    keys.unshift(
      typeof step.key === 'number' ? `[${step.key}]` : `.${shorten(step.key, MAX_SHOWN_CHARACTERS)}`,
    );
    step = step.parent;
  }
  const isWhole = step?.parent === undefined;
  return `${isWhole ? '' : '…'}${keys.join('').replace(/^\./, isWhole ? '' : '.')}`;
}

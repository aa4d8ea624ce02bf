import type { ListSpec } from '../attack.ts';

const API_VERSION = 'eci-ram-role.io/v1alpha1';

/** An event of a watch, as a line of JSON. */
export type Listener = (line: string) => void;

/** The allowlists of the API server of the siege. Each change has an event. */
export type ListStore = Readonly<{
  /** Creates or changes a list. */
  put: (list: ListSpec) => void;
  remove: (name: string) => void;
  /** Changes the status of a list, and resolves to the object; undefined if there is none. */
  putStatus: (name: string, status: unknown) => object | undefined;
  clear: () => void;
  /** One page of the lists in the order of their names, from the first after a name, as JSON. */
  page: (limit: number, after: string) => string;
  /** Calls for every later event; returns how to stop. */
  watch: (listener: Listener) => () => void;
}>;

type Stored = { spec: object; metadata: Readonly<Record<string, unknown>>; status?: unknown };

export function createListStore(): ListStore {
  const lists = new Map<string, Stored>();
  const listeners = new Set<Listener>();
  let version = 1;

  const toObject = ({ spec, metadata, status }: Stored) => ({
    apiVersion: API_VERSION,
    kind: 'RamRoleAllowlist',
    metadata,
    spec,
    ...(status !== undefined && { status }),
  });
  const emit = (type: string, stored: Stored) => {
    const line = `${JSON.stringify({ type, object: toObject(stored) })}\n`;
    for (const listener of listeners) {
      listener(line);
    }
  };

  return {
    put: ({ name, metadata = {}, spec }) => {
      const known = lists.get(name);
      const stored: Stored = {
        ...known,
        spec,
        metadata: {
          ...metadata,
          name,
          uid: known?.metadata['uid'] ?? crypto.randomUUID(),
          generation: Number(known?.metadata['generation'] ?? 0) + 1,
          resourceVersion: String(++version),
        },
      };
      lists.set(name, stored);
      emit(known === undefined ? 'ADDED' : 'MODIFIED', stored);
    },
    remove: (name) => {
      const known = lists.get(name);
      if (known !== undefined) {
        lists.delete(name);
        emit('DELETED', { ...known, metadata: { ...known.metadata, resourceVersion: String(++version) } });
      }
    },
    putStatus: (name, status) => {
      const known = lists.get(name);
      if (known === undefined) {
        return undefined;
      }
      const stored = {
        ...known,
        status,
        metadata: { ...known.metadata, resourceVersion: String(++version) },
      };
      lists.set(name, stored);
      emit('MODIFIED', stored);
      return toObject(stored);
    },
    clear: () => lists.clear(),
    page: (limit, after) => {
      const names = [...lists.keys()].sort().filter((name) => name > after);
      const items = names.slice(0, limit).flatMap((name) => lists.get(name) ?? []);
      const last = names[limit - 1];
      const rest = names.length - items.length;
      return JSON.stringify({
        apiVersion: API_VERSION,
        kind: 'RamRoleAllowlistList',
        metadata: {
          resourceVersion: String(version),
          ...(rest > 0 && { continue: last, remainingItemCount: rest }),
        },
        items: items.map(toObject),
      });
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

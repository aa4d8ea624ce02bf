import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type ApiClient, ApiError, type ApiRequest } from '../../src/kubernetes/client.ts';
import { ALLOWLISTS_PATH } from '../../src/kubernetes/object.ts';

/** As much of an API server as the source of allowlists meets, in memory: it lists, watches and takes statuses. */
export type MemoryApiServer = Readonly<{
  client: ApiClient;
  /** Creates or changes an allowlist. */
  write: (name: string, spec: object) => void;
  remove: (name: string) => void;
  statusWrites: () => number;
}>;

type Stored = { metadata: Record<string, unknown>; spec: object; status?: unknown };

export function createMemoryApiServer(): MemoryApiServer {
  const objects = new Map<string, Stored>();
  const watches = new Set<IncomingMessage>();
  let version = 1;
  let statusWrites = 0;

  function send(type: string, object: Stored): void {
    version += 1;
    object.metadata['resourceVersion'] = String(version);
    const line = `${JSON.stringify({ type, object: toObject(object) })}\n`;
    for (const watch of watches) {
      watch.push(line);
    }
  }

  function list({ query = {} }: ApiRequest): unknown {
    const limit = Number(query['limit']);
    const from = Number(query['continue'] ?? 0);
    const items = [...objects.values()].slice(from, from + limit).map(toObject);
    const isLast = from + limit >= objects.size;
    return {
      metadata: { resourceVersion: String(version), continue: isLast ? '' : String(from + limit) },
      items,
    };
  }

  return {
    statusWrites: () => statusWrites,
    write: (name, spec) => {
      const known = objects.get(name);
      const generation = Number(known?.metadata['generation'] ?? 0) + 1;
      const object = { ...known, metadata: { name, uid: name, generation, labels: {} }, spec };
      objects.set(name, object);
      send(known === undefined ? 'ADDED' : 'MODIFIED', object);
    },
    remove: (name) => {
      const known = objects.get(name);
      if (known !== undefined) {
        objects.delete(name);
        send('DELETED', known);
      }
    },
    client: {
      call: async ({ method, path, body }) => {
        const object = objects.get(path.split('/').at(-2) ?? '');
        if (method !== 'PATCH' || object === undefined) {
          throw new ApiError(404, 'not found');
        }
        object.status = Reflect.get(Object(body), 'status');
        statusWrites += 1;
        send('MODIFIED', object);
        return {};
      },
      open: async (request) => {
        const response = new IncomingMessage(new Socket());
        const isWatch = request.query?.['watch'] === 'true';
        if (!isWatch) {
          const isOfAllowlists = request.path === ALLOWLISTS_PATH;
          const empty = { metadata: { resourceVersion: '1' }, items: [] };
          response.push(JSON.stringify(isOfAllowlists ? list(request) : empty));
          response.push(null);
        } else if (request.path === ALLOWLISTS_PATH) {
          watches.add(response);
        }
        return response;
      },
    },
  };
}

function toObject({ metadata, spec, status }: Stored) {
  return {
    ...{ apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist', metadata, spec },
    ...(status !== undefined && { status }),
  };
}

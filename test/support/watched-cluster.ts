import type { IncomingMessage } from 'node:http';
import { type ApiClient, ApiError, type ApiRequest } from '../../src/kubernetes/client.ts';
import { answerWith, clientOf } from './fake-collection.ts';

export const ALLOWLISTS = '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists';
export const NAMESPACES = '/api/v1/namespaces';

/** As much of an API server as a cluster source watches: lists that are empty at first, and watches that a test writes to. */
export type WatchedCluster = Readonly<{
  client: ApiClient;
  /** Sends an event to the watches of a collection. */
  send: (collection: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object) => void;
  sendNamespace: (name: string, labels?: Readonly<Record<string, string>>) => void;
  sendAllowlist: (name: string, spec: object, type?: 'ADDED' | 'MODIFIED' | 'DELETED') => void;
  /** How many watches are open. */
  watches: () => number;
  /** Cuts all watches, and fails all calls from now on. */
  goAway: () => void;
}>;

/** @param namespaces the names of the namespaces that exist at first */
export function createWatchedCluster(
  namespaces: readonly string[],
  call: (request: ApiRequest) => Promise<unknown> = () => Promise.reject(new ApiError(404, 'not found')),
): WatchedCluster {
  const open = new Map<IncomingMessage, string>();
  let version = 1;
  let isAway = false;
  const failIfAway = () => {
    if (isAway) {
      throw new Error('no answer');
    }
  };
  const { open: openStream } = clientOf(
    ({ path }) => {
      failIfAway();
      const items = path === NAMESPACES ? namespaces.map((name) => ({ metadata: { name } })) : [];
      return { metadata: { resourceVersion: String(version) }, items };
    },
    ({ path }) => {
      failIfAway();
      const response = answerWith();
      open.set(response, path);
      response.once('close', () => open.delete(response));
      return response;
    },
  );
  const send: WatchedCluster['send'] = (collection, type, object) => {
    for (const [response, path] of open) {
      if (path === collection) {
        response.push(`${JSON.stringify({ type, object })}\n`);
      }
    }
  };
  const metadataOf = (name: string) => {
    version += 1;
    return { name, uid: name, generation: version, resourceVersion: String(version) };
  };
  return {
    client: { open: openStream, call },
    send,
    sendNamespace: (name, labels = {}) =>
      send(NAMESPACES, 'ADDED', { metadata: { ...metadataOf(name), labels } }),
    sendAllowlist: (name, spec, type = 'ADDED') =>
      send(ALLOWLISTS, type, {
        ...{ apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist', metadata: metadataOf(name) },
        spec,
      }),
    watches: () => open.size,
    goAway: () => {
      isAway = true;
      for (const response of open.keys()) {
        response.destroy(new Error('cut'));
      }
    },
  };
}

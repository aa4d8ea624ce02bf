import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALLOWLISTS_PATH } from '../../../../src/kubernetes/object.ts';
import { SCHEMA_VERSION } from '../../../../src/policy/schema/allowlist.ts';
import { SCHEMA_VERSION_ANNOTATION } from '../../../../src/sources/cluster/crd-check.ts';
import type { ListStore } from './store.ts';

const NAMESPACES = ['payments', 'default', 'kube-system', 'crowded'];
const POD_DELAY_MS = 20;
/** Requests for pods whose names begin so are never answered. */
const SILENT_PODS = 'silent-';
const BOOKMARK_INTERVAL_MS = 30_000;

/** Answers as an API server does: lists in pages, watches, status, and pods that all name the same role. */
export function createHandler(store: ListStore): RequestListener {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://api');
    const isWatch = searchParams.get('watch') === 'true';
    if (pathname === ALLOWLISTS_PATH && isWatch) {
      openWatch(response, store.watch);
    } else if (pathname === ALLOWLISTS_PATH) {
      const limit = Number(searchParams.get('limit') ?? 500);
      respond(response, store.page(limit, searchParams.get('continue') ?? ''));
    } else if (pathname.startsWith(`${ALLOWLISTS_PATH}/`) && pathname.endsWith('/status')) {
      void writeStatus(store, pathname.split('/').at(-2) ?? '', request, response);
    } else if (pathname === '/api/v1/namespaces' && isWatch) {
      openWatch(response, () => () => undefined);
    } else if (pathname === '/api/v1/namespaces') {
      respond(response, JSON.stringify(namespaceList()));
    } else if (/^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+$/.test(pathname)) {
      void answerPod(response, pathname.split('/').at(-1) ?? '');
    } else if (pathname.includes('/customresourcedefinitions/')) {
      const annotations = { [SCHEMA_VERSION_ANNOTATION]: String(SCHEMA_VERSION) };
      respond(response, JSON.stringify({ metadata: { annotations } }));
    } else {
      respond(response, JSON.stringify({ kind: 'Status', message: `no ${pathname}` }), 404);
    }
  };
}

function respond(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function openWatch(response: ServerResponse, watch: ListStore['watch']): void {
  response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  const stop = watch((line) => response.write(line));
  const bookmark = setInterval(
    () => response.write('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n'),
    BOOKMARK_INTERVAL_MS,
  );
  response.once('close', () => {
    stop();
    clearInterval(bookmark);
  });
}

async function writeStatus(
  store: ListStore,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const patch: unknown = await json(request);
  const status: unknown = typeof patch === 'object' && patch !== null ? Reflect.get(patch, 'status') : {};
  const object = store.putStatus(name, status);
  respond(response, JSON.stringify(object ?? { message: 'not found' }), object === undefined ? 404 : 200);
}

async function answerPod(response: ServerResponse, name: string): Promise<void> {
  if (name.startsWith(SILENT_PODS)) {
    return;
  }
  await sleep(POD_DELAY_MS);
  const annotations = { 'k8s.aliyun.com/eci-ram-role-name': 'payments-reader' };
  respond(response, JSON.stringify({ metadata: { name, annotations } }));
}

function namespaceList(): object {
  const items = NAMESPACES.map((name) => ({
    metadata: { name, resourceVersion: '1', labels: { 'kubernetes.io/metadata.name': name } },
  }));
  return { metadata: { resourceVersion: '1' }, items };
}

export type Verb = 'get' | 'list' | 'watch' | 'other';

/** What a request asks of the API server. */
export type RequestKind = { verb: Verb; path: string };

/** Reads verb and path (without the query) from a request line; `other` for anything that changes or is no resource. */
export function describeRequest(method: string, target: string): RequestKind {
  const { pathname, searchParams } = new URL(target, 'https://proxy');
  const resource = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/(.+)$/.exec(pathname)?.[1];
  if (method !== 'GET' || resource === undefined) {
    return { verb: 'other', path: pathname };
  }
  if (['true', '1'].includes(searchParams.get('watch') ?? '')) {
    return { verb: 'watch', path: pathname };
  }
  const segments = resource.split('/').filter((segment) => segment !== '');
  const isNamespaced = segments[0] === 'namespaces' && segments.length > 2;
  const rest = isNamespaced ? segments.slice(2) : segments;
  return { verb: rest.length === 1 ? 'list' : 'get', path: pathname };
}

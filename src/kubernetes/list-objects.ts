import { asObject } from '../policy/json-object.ts';
import { type ApiClient, ApiError } from './api-client.ts';
import { type KubernetesObject, toKubernetesObject } from './objects.ts';

const PAGE_SIZE = '500';

/** What to list and watch: the collection's path, and the media type to ask for. */
export type Collection = Readonly<{ path: string; listAccept?: string; watchAccept?: string }>;

/**
 * Lists a collection page by page, handing over each object as it comes, so that the whole is never in memory twice.
 * Resolves to the resourceVersion to watch from.
 *
 * @throws {ApiError} 410 where the list changed too much between two pages: list anew
 */
export async function listObjects(
  client: ApiClient,
  { path, listAccept }: Collection,
  onObject: (object: KubernetesObject) => void,
  signal: AbortSignal,
): Promise<string> {
  let continueToken = '';
  for (;;) {
    const list = asObject(
      await client.call({
        path,
        query: { limit: PAGE_SIZE, ...(continueToken !== '' && { continue: continueToken }) },
        ...(listAccept !== undefined && { accept: listAccept }),
        signal,
      }),
    );
    const { items } = list;
    const metadata = asObject(list['metadata']);
    if (!Array.isArray(items)) {
      throw new ApiError(200, `GET ${path}: expected a list, found none`);
    }
    for (const item of items) {
      onObject(toKubernetesObject(item));
    }
    continueToken = String(metadata['continue'] ?? '');
    if (continueToken === '') {
      return String(metadata['resourceVersion'] ?? '');
    }
  }
}

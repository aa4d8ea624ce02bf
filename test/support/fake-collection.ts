import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ApiClient, ApiRequest } from '../../src/kubernetes/client.ts';

/** The answer of an API server with this body; left open if it is undefined. */
export function answerWith(body?: string): IncomingMessage {
  const response = new IncomingMessage(new Socket());
  if (body !== undefined) {
    response.push(body);
    response.push(null);
  }
  return response;
}

/** A client that answers each list with a page, and each watch with a stream. */
export function clientOf(
  list: (request: ApiRequest) => unknown,
  watch: (request: ApiRequest) => IncomingMessage,
): ApiClient {
  return {
    call: () => Promise.reject(new Error('not called')),
    open: async (request) => {
      if (request.query?.['watch'] !== 'true') {
        return answerWith(JSON.stringify(list(request)));
      }
      const response = watch(request);
      request.signal?.addEventListener('abort', () => response.destroy(new Error('aborted')));
      return response;
    },
  };
}

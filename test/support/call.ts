import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import { GOOD_BODY } from '../builders/pod-review.ts';

/** Where to call, and whom to believe. */
export type Target = Readonly<{ securePort: number; caPem: string }>;

export type CallOptions = Readonly<{
  path?: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  agent?: Agent | false;
  /** The address to call from, of 127.0.0.0/8. */
  localAddress?: string;
}>;

export type CallAnswer = Readonly<{ status: number; headers: IncomingHttpHeaders; body: string }>;

/** Calls the webhook as the API server does, unless told otherwise; each time on a connection of its own. */
export function call(
  { securePort, caPem }: Target,
  {
    path = '/validate-pods',
    method = 'POST',
    headers = { 'content-type': 'application/json' },
    body = GOOD_BODY,
    agent = false,
    localAddress,
  }: CallOptions = {},
): Promise<CallAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port: securePort,
        ca: caPem,
        path,
        method,
        headers,
        agent,
        ...(localAddress !== undefined && { localAddress }),
      },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part;
          })
          .on('error', reject)
          .on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

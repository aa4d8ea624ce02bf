import { request } from 'node:https';

/** The address of the webhook, and the PEM certificates that verify its own. */
export type Target = Readonly<{ address: string; port: number; caPem: string }>;

/**
 * Sends a body to the webhook as the API server would: POST over verified TLS.
 *
 * @throws if the webhook cannot be reached or its certificate cannot be verified
 */
export function sendReview({ address, port, caPem }: Target, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: address,
        port,
        path,
        method: 'POST',
        ca: caPem,
        servername: 'localhost',
        agent: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.setEncoding('utf8');
        let answer = '';
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.on('end', () => resolve(answer));
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

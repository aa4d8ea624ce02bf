import type { Target } from './call.ts';
import { openTlsConnection } from './tls-connection.ts';

/** The answers on connections that were open to the end, and the connections that were closed before. */
export type BackToBack = Readonly<{ answers: number; closed: number }>;

/**
 * Sends requests on several TLS connections, on each the next one in the same turn in which the last byte of the answer
 * arrives, as a fast client does.
 *
 * @param requests the bytes of whole requests, sent in turn
 */
export async function sendBackToBack(
  target: Target,
  {
    connections,
    count,
    requests,
  }: Readonly<{ connections: number; count: number; requests: readonly Buffer[] }>,
): Promise<BackToBack> {
  let answers = 0;
  let closed = 0;
  const sendAll = async () => {
    const { socket } = await openTlsConnection(target);
    const { promise, resolve } = Promise.withResolvers<void>();
    let sent = 0;
    let answer = '';
    const send = () => {
      if (sent === count) {
        socket.off('close', onClose).destroy();
        resolve();
      } else {
        socket.write(requests[sent++ % requests.length] ?? '');
      }
    };
    const onClose = () => {
      closed++;
      resolve();
    };
    socket.once('close', onClose).on('data', (part) => {
      answer += String(part);
      const head = answer.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? Infinity);
      if (head >= 0 && answer.length >= head + 4 + length) {
        answers += answer.startsWith('HTTP/1.1 200 ') ? 1 : 0;
        answer = '';
        send();
      }
    });
    send();
    await promise;
  };
  await Promise.all(Array.from({ length: connections }, sendAll));
  return { answers, closed };
}

import type { Attack } from '../support/attack.ts';
import { keepOpen, tlsTo } from '../support/attacker.ts';
import { getOf, podBody, requestOf } from '../support/requests.ts';

const ALLOWED = requestOf('/validate-pods', podBody());
const DENIED = requestOf('/validate-pods', podBody('forbidden'));
const NOT_FOUND = getOf('/');

/** Many requests on a connection before the first is answered. */
export const pipelining: readonly Attack[] = [
  pipeline('5,000 requests at once on one connection', 1, [ALLOWED], 5_000),
  pipeline('5,000 requests at once that are denied', 1, [DENIED], 5_000),
  pipeline('100 requests at once on each of 50 connections', 50, [ALLOWED, DENIED], 100),
  pipeline('50,000 requests at once for no path', 1, [NOT_FOUND], 50_000),
];

function pipeline(name: string, count: number, requests: readonly Buffer[], times: number): Attack {
  return {
    name,
    run: (replica, signal) => {
      const bytes = Buffer.concat(
        Array.from({ length: times }, (_, turn) => requests[turn % requests.length] ?? ALLOWED),
      );
      return keepOpen({
        open: tlsTo(replica.admission),
        count,
        signal,
        use: (socket) => socket.write(bytes),
      });
    },
  };
}

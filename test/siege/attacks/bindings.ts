import type { Attack } from '../support/attack.ts';
import { keepOpen, sendInTurn, tlsTo, writeAll } from '../support/attacker.ts';
import { bindingBody, requestOf } from '../support/requests.ts';

const PATH = '/validate-bindings';
/** Kinds of pods, by their name: one that is answered, many, and many that never are. */
const SAME = () => 'pod';
const OTHERS = (turn: number) => `pod-${turn}`;
const SILENT = (turn: number) => `silent-${turn}`;

/** Each Binding with the annotation costs a call of the API server. */
export const bindings: readonly Attack[] = [
  flood('5,000 Bindings at once on one connection', 1, 5_000, OTHERS),
  flood('5,000 Bindings of one pod at once on one connection', 1, 5_000, SAME),
  flood('100 connections that send Bindings in turn', 100, 1, OTHERS),
  flood('100 connections that send Bindings of one pod in turn', 100, 1, SAME),
  flood('100 connections that send Bindings of pods that the API server never answers', 100, 1, SILENT),
  flood('Bindings of pods that the API server never answers, from 20 addresses', 100, 1, SILENT, 20),
  {
    name: 'Bindings in namespaces that are paths',
    honest: ['pod', 'Binding'],
    run: (replica, signal) =>
      sendInTurn(
        tlsTo(replica.admission),
        ['..', '.', 'a/../../..', '%2e%2e', 'x'.repeat(100_000)].map((namespace) =>
          requestOf(PATH, bindingBody('pod', 'payments-reader', namespace)),
        ),
        20,
        signal,
      ),
  },
];

/** The same where the webhook may not ask an API server. */
export const bindingsWithoutApiServer: readonly Attack[] = [
  { ...flood('5,000 Bindings at once without an API server', 1, 5_000, OTHERS), honest: ['pod'] },
];

/** Sends a number of Bindings at once on each connection, again when they are answered. */
function flood(
  name: string,
  count: number,
  atOnce: number,
  podName: (turn: number) => string,
  addresses = 1,
): Attack {
  return {
    name,
    honest: ['pod', 'Binding'],
    run: (replica, signal) => {
      let turn = 0;
      const batch = () =>
        Buffer.concat(Array.from({ length: atOnce }, () => requestOf(PATH, bindingBody(podName(turn++)))));
      return keepOpen({
        open: tlsTo(replica.admission, addresses),
        count,
        signal,
        use: (socket) => {
          let answers = 0;
          socket.on('data', (chunk: Buffer) => {
            answers += chunk.toString('latin1').split('HTTP/1.1 ').length - 1;
            if (answers >= atOnce) {
              answers = 0;
              void writeAll(socket, batch());
            }
          });
          void writeAll(socket, batch());
        },
      });
    },
  };
}

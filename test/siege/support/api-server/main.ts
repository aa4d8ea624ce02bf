// The process of the API server. Its arguments are the files of its certificate and key. It is told which attack comes.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { findAttack } from '../../attacks/all.ts';
import { onMessage, sendToParent } from '../child.ts';
import { createHandler } from './handler.ts';
import { createListStore } from './store.ts';

/** The list that allows the honest client's role: the first by name, because it is within every bound then. */
const HONEST_LIST = { name: 'a-honest', spec: { namespaces: ['payments'], roles: ['payments-reader'] } };

const [, , certFile = '', keyFile = ''] = process.argv;
const store = createListStore();
let changing = new AbortController();
let connections = 0;
let mostConnections = 0;

const server = createServer(
  { cert: readFileSync(certFile), key: readFileSync(keyFile), keepAliveTimeout: 120_000 },
  createHandler(store),
);
server.on('connection', (socket) => {
  mostConnections = Math.max(mostConnections, ++connections);
  socket.once('close', () => connections--);
});

onMessage((text) => {
  const { command, attack } = JSON.parse(text);
  switch (command) {
    case 'load':
      store.clear();
      store.put(HONEST_LIST);
      for (const list of (attack && findAttack(attack).lists?.()) ?? []) {
        store.put(list);
      }
      sendToParent('loaded');
      break;
    case 'change':
      changing = new AbortController();
      void findAttack(attack).changeLists?.(store, changing.signal);
      break;
    case 'rest':
      changing.abort();
      sendToParent('at rest');
      break;
    case 'count':
      sendToParent(mostConnections);
      mostConnections = connections;
      break;
  }
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  sendToParent(typeof address === 'object' ? address?.port : undefined);
});

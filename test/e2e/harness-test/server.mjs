// A small server as a container would run it: what it reads and reaches is what the node agent gave it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { hostname } from 'node:os';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const { GREETING, POD_IP, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;

function callApiServer(path) {
  return new Promise((resolve) => {
    const call = request({
      host: KUBERNETES_SERVICE_HOST,
      port: KUBERNETES_SERVICE_PORT,
      path,
      ca: readFileSync(`${account}/ca.crt`),
      headers: { authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}` },
    });
    call.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('error', (error) => resolve(error.message));
    call.end();
  });
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
  response.setHeader('connection', 'close');
  if (pathname === '/crash') {
    process.exit(3);
  }
  if (pathname === '/api') {
    response.end(String(await callApiServer(searchParams.get('path'))));
    return;
  }
  const message = readFileSync('/etc/server/message', 'utf8');
  const namespace = readFileSync(`${account}/namespace`, 'utf8');
  response.end(
    JSON.stringify({
      message,
      namespace,
      greeting: GREETING,
      hostname: hostname(),
      user: process.getuid?.(),
    }),
  );
});

process.once('SIGTERM', () => {
  console.log('SIGTERM: closing');
  server.close();
  setTimeout(() => {
    console.log('closed');
    process.exit(0);
  }, 300);
});
server.listen(Number(process.argv[2]), POD_IP, () => console.log(`listening on ${POD_IP}`));

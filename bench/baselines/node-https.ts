// node:https and nothing else: node-https.ts CERT_FILE KEY_FILE PORT
import { createServer } from 'node:https';
import { answer } from './answer.ts';
import { readServerOptions } from './server-options.ts';

const [certFile, keyFile, port] = process.argv.slice(2);

createServer(readServerOptions(certFile, keyFile), (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first] = chunks;
    const body = chunks.length === 1 && first ? first : Buffer.concat(chunks);
    const text = answer(JSON.parse(body.toString()));
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
}).listen(Number(port), '127.0.0.1');

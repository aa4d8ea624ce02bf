// Fastify as it comes, with its own JSON parser: bare-fastify.ts CERT_FILE KEY_FILE PORT
import Fastify from 'fastify';
import { answer, type Review } from './answer.ts';
import { readServerOptions } from './server-options.ts';

const [certFile, keyFile, port] = process.argv.slice(2);

const https = readServerOptions(certFile, keyFile);
const app = Fastify({ https, keepAliveTimeout: https.keepAliveTimeout });
app.post<{ Body: Review }>('/mutate-pods', (request, reply) => {
  reply.header('content-type', 'application/json').send(answer(request.body));
});
app.listen({ port: Number(port), host: '127.0.0.1' });

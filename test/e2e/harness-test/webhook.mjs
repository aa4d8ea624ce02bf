// A validating webhook that refuses everything, behind the certificate of a mounted Secret.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const tls = { key: readFileSync('/tls/tls.key'), cert: readFileSync('/tls/tls.crt') };

createServer(tls, async (request, response) => {
  const chunks = await request.toArray();
  if (request.method === 'GET') {
    response.end('ready');
    return;
  }
  const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
  response.setHeader('content-type', 'application/json');
  const answer = { uid, allowed: false, status: { message: `refused by ${process.env.HOSTNAME}` } };
  response.end(
    JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
  );
}).listen(8443, process.env.POD_IP);

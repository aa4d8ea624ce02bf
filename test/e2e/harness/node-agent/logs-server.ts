import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { CertificateAuthority } from '../certificate-authority.ts';

/** The kubelet's port. */
export const logsPort = 10250;

export type LogsServerOptions = {
  authority: CertificateAuthority;
  address: string;
  logPath(pod: { namespace: string; name: string; container: string }): string;
};

/** Serves the part of the kubelet's API behind `kubectl logs`, with --tail and without --follow. */
export async function startLogsServer({ authority, address, logPath }: LogsServerOptions) {
  const serving = await authority.issue({ commonName: 'node-agent', addresses: [address] });
  const server = createServer({ key: serving.privateKey, cert: serving.certificate }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://node');
    const [, kind, namespace, name, container] = pathname.split('/');
    if (
      kind !== 'containerLogs' ||
      namespace === undefined ||
      name === undefined ||
      container === undefined
    ) {
      response.writeHead(404).end(`the node agent does not serve ${pathname}\n`);
      return;
    }
    response.setHeader('content-type', 'text/plain');
    response.end(tailOf(readOrEmpty(logPath({ namespace, name, container })), searchParams.get('tailLines')));
  });
  server.listen({ host: address, port: logsPort, exclusive: true });
  await once(server, 'listening');
  return {
    async stop(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tailOf(text: string, lines: string | null): string {
  return lines === null
    ? text
    : text
        .split('\n')
        .slice(-Number(lines) - 1)
        .join('\n');
}

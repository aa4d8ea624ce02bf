import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { resolvePort } from '../kubernetes-objects.ts';
import type { Action, Container } from '../pod-spec.ts';
import { runCommand } from '../run-command.ts';

/** What an action runs against. */
export type ActionTarget = {
  container: Container;
  podAddress: string;
  /** Of the container's process; undefined while none runs. */
  pid: number | undefined;
  environment: Record<string, string>;
};

/**
 * Runs the action of a probe or hook as the kubelet does: HTTP status 200–399, a TCP connection or exit code 0 are a
 * success. Rejects otherwise, and when it takes longer than the timeout in milliseconds.
 */
export async function runAction(action: Action, target: ActionTarget, timeoutMs: number): Promise<void> {
  if (action.httpGet !== undefined) {
    await getHttp(action.httpGet, target, timeoutMs);
  } else if (action.tcpSocket !== undefined) {
    const { host = target.podAddress, port } = action.tcpSocket;
    const socket = connect({ host, port: resolvePort(port, [target.container]) });
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    } finally {
      socket.destroy();
    }
  } else if (action.exec !== undefined) {
    await execInContainer(action.exec.command, target, timeoutMs);
  } else {
    throw new Error('the node agent knows httpGet, tcpSocket and exec');
  }
}

function getHttp(
  get: NonNullable<Action['httpGet']>,
  target: ActionTarget,
  timeoutMs: number,
): Promise<void> {
  const { path = '/', scheme = 'HTTP', httpHeaders = [] } = get;
  const headers = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  const options = {
    host: get.host ?? target.podAddress,
    port: resolvePort(get.port, [target.container]),
    path,
    headers: { 'user-agent': 'kube-probe/1.37', accept: '*/*', connection: 'close', ...headers },
    signal: AbortSignal.timeout(timeoutMs),
    agent: false,
  };
  return new Promise((resolve, reject) => {
    // As the kubelet's, an HTTPS probe verifies no certificate.
    const call =
      scheme === 'HTTPS' ? requestTls({ ...options, rejectUnauthorized: false }) : requestPlain(options);
    call.once('response', (response) => {
      response.resume();
      response.once('error', reject);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 400) {
        resolve();
      } else {
        reject(new Error(`HTTP status ${status}`));
      }
    });
    call.once('error', reject);
    call.end();
  });
}

async function execInContainer(command: string[], target: ActionTarget, timeoutMs: number): Promise<void> {
  const { pid, environment } = target;
  if (pid === undefined || readlinkSync(`/proc/${pid}/root`) === '/') {
    throw new Error('the container has no process yet');
  }
  const user = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
  const args = [...user, '--target', String(pid), '--mount', '--uts', '--root', '--wd', '--', ...command];
  const { code, stdout, stderr } = await runCommand('nsenter', args, { env: environment, timeoutMs });
  if (code !== 0) {
    throw new Error(`exit code ${code}: ${stdout}${stderr}`);
  }
}

import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { bodyOfSize } from '../../builders/pod-review.ts';
import type { Address, HonestKind, Replica } from './attack.ts';
import { bindingBody, podBody } from './requests.ts';

/** The timeout of the webhooks, from the first packet of the connection to the last byte of the answer. */
export const TIMEOUT_MS = 3_000;
const INTERVAL_MS = 50;
const ADDRESS = '127.0.0.2';
const SECURE_CONTEXT = createSecureContext();

/** The pod that the honest Bindings bind; the API server of the siege has it. */
export const BOUND_POD = 'honest-pod';

const QUESTIONS: Readonly<Record<HonestKind, Readonly<{ path: string; body: string }>>> = {
  pod: { path: '/validate-pods', body: podBody() },
  'pod of 300 KiB': { path: '/validate-pods', body: bodyOfSize(300 * 1024) },
  Binding: { path: '/validate-bindings', body: bindingBody(BOUND_POD) },
};

/** How an honest client fared. */
export type Fortune = Readonly<{
  asked: number;
  answered: number;
  /** In milliseconds, in ascending order; a question that failed counts with the timeout. */
  latencies: readonly number[];
  /** How often each failure was seen. */
  failures: ReadonlyMap<string, number>;
}>;

/**
 * Asks 20 times a second until the signal, each time on a new connection from an address of its own, as an API
 * server does whose idle connections are all in use. The replicas and the kinds take turns.
 */
export async function askHonestly(
  replicas: readonly Replica[],
  kinds: readonly HonestKind[],
  signal: AbortSignal,
): Promise<Fortune> {
  const latencies: number[] = [];
  const failures = new Map<string, number>();
  const asking: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let turn = 0; !signal.aborted; turn++) {
    await sleep(Math.max(0, startedAt + turn * INTERVAL_MS - performance.now()));
    const kind = kinds[turn % kinds.length] ?? 'pod';
    const replica = replicas[Math.floor(turn / kinds.length) % replicas.length];
    if (replica !== undefined) {
      asking.push(askOnce(replica, kind));
    }
  }
  await Promise.all(asking);
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  return {
    asked: asking.length,
    answered: asking.length - failed,
    latencies: latencies.sort((a, b) => a - b),
    failures,
  };

  async function askOnce(replica: Replica, kind: HonestKind): Promise<void> {
    const askedAt = performance.now();
    const failure = await ask(replica, kind);
    latencies.push(failure === undefined ? performance.now() - askedAt : TIMEOUT_MS);
    if (failure !== undefined) {
      const described = `${kind}: ${failure}`;
      failures.set(described, (failures.get(described) ?? 0) + 1);
    }
  }
}

/** Resolves to what went wrong; undefined if the right answer arrived in time. */
function ask({ admission }: Replica, kind: HonestKind): Promise<string | undefined> {
  const { path, body } = QUESTIONS[kind];
  return new Promise((resolve) => {
    const asked = request(optionsOf(admission, path, body));
    const timer = setTimeout(() => {
      resolve(`no answer in ${TIMEOUT_MS} ms`);
      asked.destroy();
    }, TIMEOUT_MS);
    const end = (failure?: string) => {
      clearTimeout(timer);
      resolve(failure);
    };
    asked.once('error', (error) => end('code' in error ? String(error.code) : error.message));
    asked.once('response', (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (part: string) => {
          text += part;
        })
        .once('error', ({ message }) => end(message))
        .once('end', () => end(checkAnswer(response.statusCode ?? 0, text)));
    });
    asked.end(body);
  });
}

function optionsOf(admission: Address, path: string, body: string) {
  return {
    ...admission,
    localAddress: ADDRESS,
    path: `${path}?timeout=3s`,
    method: 'POST',
    agent: false,
    // The certificate is verified elsewhere; here it would cost time of the shared cores.
    rejectUnauthorized: false,
    secureContext: SECURE_CONTEXT,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'kube-apiserver-admission',
    },
  };
}

function checkAnswer(status: number, text: string): string | undefined {
  if (status !== 200) {
    return `status ${status}`;
  }
  const { response } = JSON.parse(text);
  return response?.uid === 'uid-1' && response.allowed === true ? undefined : 'denied';
}

import { Agent, request } from 'node:https';
import { bindingReview } from '../../../builders/binding-review.ts';
import { publishedBundles, serverPods } from './server-certificates.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';

const SECURE_PORT = 10_250;
/** A peer that is not the one through which the API server's calls arrive. */
const LOCAL_ADDRESS = '127.0.0.66';
/** More than a replica has places for one address. */
const CONNECTIONS = 20;

/** Reviews of Bindings that are sent to every replica, past its Service, until it is stopped. */
export type BindingFlood = Readonly<{
  /** How many were answered, by status. */
  stop: () => Promise<ReadonlyMap<number, number>>;
}>;

/** Asks about another pod each time, one request after another on each of several connections to each replica. */
export async function startBindingFlood(cluster: WebhookCluster): Promise<BindingFlood> {
  const { client } = cluster.controlPlane;
  const [ca = ''] = await publishedBundles(client);
  const agent = new Agent({ keepAlive: true, ca, servername: `${RELEASE}.${NAMESPACE}.svc` });
  const answers = new Map<number, number>();
  let sent = 0;
  let isStopping = false;

  const sendOne = (host: string) =>
    new Promise<void>((resolve) => {
      const body = JSON.stringify(bindingReview(`flood-${sent++}`, 'reader'));
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      request(
        {
          ...{ host, port: SECURE_PORT, path: '/validate-bindings', method: 'POST' },
          ...{ agent, headers, localAddress: LOCAL_ADDRESS },
        },
        (response) => {
          const { statusCode = 0 } = response;
          answers.set(statusCode, (answers.get(statusCode) ?? 0) + 1);
          response.resume().once('close', resolve);
        },
      )
        .once('error', () => resolve())
        .end(body);
    });
  const sendMany = async (host: string) => {
    while (!isStopping) {
      await sendOne(host);
    }
  };
  const hosts = (await serverPods(client)).map(({ status }) => status?.podIP ?? '');
  const running = Promise.all(
    hosts.flatMap((host) => Array.from({ length: CONNECTIONS }, () => sendMany(host))),
  );
  return {
    stop: async () => {
      isStopping = true;
      await running;
      agent.destroy();
      return answers;
    },
  };
}

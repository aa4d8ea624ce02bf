import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../../harness/api-client.ts';
import type { Pod } from '../../harness/kubernetes-objects.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';

const SECURE_PORT = 10_250;
const PROBE_PORT = 8_081;
const METRIC_PREFIX = 'eci_ram_role_webhook_';
const TIMEOUT_MS = 10_000;
/** Within this time every replica acts on a change. */
const EFFECT_MS = 2_000;

/** The answer to an AdmissionReview, as far as scenarios read it. */
export type AdmissionResponse = Readonly<{
  allowed: boolean;
  status?: Readonly<{ code: number; message: string }>;
  patch?: string;
  warnings?: readonly string[];
}>;

/** One pod of the chart, asked directly rather than through its Service. */
export type Replica = Readonly<{
  name: string;
  /** GET of the probe port; throws on any status but 200. */
  probe: (path: string) => Promise<string>;
  /** The sum of a metric's samples with these labels; 0 where there is none. Counters count from this scenario's begin on. */
  metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>;
  /** Sends the creation of a pod to `/mutate-pods` or `/validate-pods`, over TLS that is verified as the API server does. */
  review: (
    path: '/mutate-pods' | '/validate-pods',
    namespace: string,
    pod: object,
  ) => Promise<AdmissionResponse>;
  /** What it has logged in this scenario so far, a line each. */
  log: () => readonly string[];
}>;

/** The replicas that run now, and the CA that they are verified by. */
export async function listReplicas(cluster: WebhookCluster): Promise<readonly Replica[]> {
  const { client } = cluster.controlPlane;
  const ca = await readCaBundle(cluster);
  const selector = encodeURIComponent(`app.kubernetes.io/instance=${RELEASE}`);
  const { items } = await client.send<{ items: readonly Pod[] }>(
    'GET',
    `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${selector}`,
  );
  return items
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.podIP !== undefined)
    .map(({ metadata: { name }, status }) => toReplica(cluster, name, status?.podIP ?? '', ca));
}

/** Waits, for the two seconds that a change may take, until something is true of every replica. */
export async function everyReplica(
  replicas: readonly Replica[],
  what: string,
  isTrue: (replica: Replica) => Promise<boolean>,
): Promise<void> {
  await Promise.all(
    replicas.map((replica) =>
      waitFor(`${replica.name}: ${what}`, () => isTrue(replica), { timeoutMs: EFFECT_MS }),
    ),
  );
}

/** The operations of a response's JSON patch. */
export function patchOf({ patch }: AdmissionResponse): readonly Readonly<{ op: string; value?: unknown }>[] {
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
}

/** A replica renders its metrics again after this long. */
const METRICS_SHARED_MS = 1_000;

function toReplica(cluster: WebhookCluster, name: string, host: string, ca: string): Replica {
  const earlier = cluster.earlier?.replicas.get(name);
  const probe = (path: string) => readGood(path, open(get, { host, port: PROBE_PORT, path }));
  return {
    name,
    probe,
    metric: async (metric, labels = {}) => {
      await sleep(METRICS_SHARED_MS);
      const value = sum(await probe('/metrics'), `${METRIC_PREFIX}${metric}`, labels);
      const isCounter = metric.endsWith('_total');
      return isCounter ? value - sum(earlier?.metrics ?? '', `${METRIC_PREFIX}${metric}`, labels) : value;
    },
    review: async (path, namespace, pod) => {
      const options = {
        ...{ host, port: SECURE_PORT, path, method: 'POST', ca },
        servername: `${RELEASE}.${NAMESPACE}.svc`,
        headers: { 'content-type': 'application/json' },
      };
      const body = JSON.stringify(toReview(namespace, pod));
      const { response } = JSON.parse(await readGood(path, open(request, options, body)));
      return response;
    },
    log: () =>
      cluster.nodeAgent
        .readLog({ namespace: NAMESPACE, name, container: 'webhook' })
        .trimEnd()
        .split('\n')
        .slice(earlier?.logLines ?? 0),
  };
}

function toReview(namespace: string, object: object): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'e2e',
      namespace,
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'pods' },
      object,
    },
  };
}

async function readCaBundle({ controlPlane: { client } }: WebhookCluster): Promise<string> {
  type Configuration = KubernetesObject & { webhooks: readonly { clientConfig: { caBundle?: string } }[] };
  const { webhooks } = await client.send<Configuration>(
    'GET',
    `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${RELEASE}`,
  );
  return Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString();
}

function open(send: typeof get, options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    send({ ...options, agent: false, signal }, resolve)
      .once('error', reject)
      .end(body);
  });
}

async function readGood(path: string, opening: Promise<IncomingMessage>): Promise<string> {
  const response = await opening;
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (response.statusCode !== 200) {
    throw new Error(`${path}: ${response.statusCode} ${text}`);
  }
  return text;
}

function sum(exposition: string, metric: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return exposition
    .split('\n')
    .filter((line) => new RegExp(`^${metric}[{ ]`).test(line))
    .filter((line) => wanted.every((pair) => line.includes(pair)))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

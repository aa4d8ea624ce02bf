import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Pod } from '../../harness/kubernetes-objects.ts';
import { waitFor } from '../../harness/wait-for.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

export type Operation = Readonly<{ op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }>;

export type OtherWebhook = Readonly<{
  /** How often it was asked about an object of this name. */
  callsFor: (pod: string) => number;
  stop: () => Promise<void>;
}>;

export type OtherWebhookOptions = Readonly<{
  /** Mutating webhooks are called in the order of their configurations' names. */
  name: string;
  /** The one namespace in which it changes anything. */
  namespace: string;
  reinvocationPolicy?: 'Never' | 'IfNeeded';
  /** What it is called for at its creation; pods where left out. */
  resource?: 'pods' | 'pods/binding';
  /** Is given the pod, or the Binding that names it. */
  change: (object: Pod) => readonly Operation[] | Promise<readonly Operation[]>;
}>;

const PORT = 9443;
const PROBE = 'probe';
const PROBES = {
  pods: {
    path: 'pods',
    object: { metadata: { name: PROBE }, spec: { containers: [{ name: 'probe', image: 'probe' }] } },
  },
  'pods/binding': {
    path: `pods/${PROBE}/binding`,
    object: { metadata: { name: PROBE }, target: { kind: 'Node', name: PROBE } },
  },
};

/** Registers a mutating webhook of somebody else, served by this process; resolves when the API server calls it. */
export async function startOtherWebhook(
  { controlPlane: { addresses, authority, client } }: WebhookCluster,
  { name, namespace, reinvocationPolicy = 'Never', resource = 'pods', change }: OtherWebhookOptions,
): Promise<OtherWebhook> {
  const host = addresses.takeNodeAddress();
  const { certificate: cert, privateKey: key } = await authority.issue({
    commonName: name,
    addresses: [host],
  });
  const calls: string[] = [];

  const server = createServer({ key, cert }, async (incoming, response) => {
    const { request } = JSON.parse(await readText(incoming));
    const isProbe = request.object.metadata.name === PROBE;
    calls.push(request.object.metadata.name);
    const operations = isProbe ? [] : await change(request.object);
    const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        ...{ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
        response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch },
      }),
    );
  });
  server.listen({ host, port: PORT, exclusive: true });
  await once(server, 'listening');

  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  await client.send('POST', path, {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' },
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: {
          url: `https://${host}:${PORT}/`,
          caBundle: Buffer.from(authority.certificate).toString('base64'),
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: [resource], operations: ['CREATE'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        ...{ reinvocationPolicy, sideEffects: 'None', admissionReviewVersions: ['v1'] },
      },
    ],
  });
  await waitFor(`the API server to call ${name}`, async () => {
    const { path, object } = PROBES[resource];
    // Whatever becomes of it: it is never created.
    await client
      .send('POST', `/api/v1/namespaces/${namespace}/${path}?dryRun=All`, object)
      .catch(() => undefined);
    return calls.includes(PROBE);
  });

  return {
    callsFor: (pod) => calls.filter((call) => call === pod).length,
    async stop() {
      await client.send('DELETE', `${path}/${name}`);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

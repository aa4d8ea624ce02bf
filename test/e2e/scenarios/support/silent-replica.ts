import process from 'node:process';
import type { ProcessImage } from '../../harness/node-agent/image-map.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';

const NAME = 'silent';

const IMAGE: ProcessImage = {
  run: 'process',
  files: { '/nodejs/node': process.execPath },
  entrypoint: ['/nodejs/node', '-e', 'net.createServer(() => {}).listen(10250, process.env.POD_IP)'],
  env: { PATH: '/nodejs:/usr/bin:/bin' },
  user: 65_532,
};

/** Starts a pod that the Service takes for a replica, and that accepts connections without ever answering. */
export async function startSilentReplica(cluster: WebhookCluster): Promise<void> {
  cluster.images[`${NAME}:1`] = IMAGE;
  await cluster.apply([silentReplica()]);
  await cluster.kubectl([
    ...['wait', '--for=condition=Ready', `pod/${NAME}`, '-n', NAMESPACE, '--timeout=30s'],
  ]);
}

function silentReplica(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      labels: {
        'app.kubernetes.io/name': RELEASE,
        'app.kubernetes.io/instance': RELEASE,
        'app.kubernetes.io/component': 'webhook',
      },
    },
    spec: {
      containers: [
        {
          name: NAME,
          image: `${NAME}:1`,
          env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
          ports: [{ name: 'https', containerPort: 10_250 }],
        },
      ],
    },
  };
}

import type { ApiAnswer, ApiClient } from '../harness/api-client.ts';
import type { Pod } from '../harness/kubernetes-objects.ts';
import { ROLE_ANNOTATION } from '../scenarios/support/manifests.ts';
import type { PodLife, Write } from './arbitraries.ts';
import { writeBy } from './routes.ts';

/** What became of an attempt to create a pod; a pod where it was stored. */
export type Creation = Readonly<{ answer: ApiAnswer; pod: Pod | undefined }>;

/** A write to a pod, what was answered, and the pod's role before and after, empty for none. */
export type Written = Readonly<{ write: Write; answer: ApiAnswer; before: string; after: string }>;

export async function createPod(client: ApiClient, life: PodLife, name: string): Promise<Creation> {
  const answer = await client.sendForAnswer('POST', `/api/v1/namespaces/${life.namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(life.isNameGenerated ? { generateName: `${name}-` } : { name }),
      labels: life.hasMarker ? { eci: 'true' } : {},
      ...(life.role !== undefined && { annotations: { [ROLE_ANNOTATION]: life.role } }),
    },
    spec: {
      // No scheduler binds it, so that the bindings of its life find it free.
      schedulerName: 'nobody',
      serviceAccountName: life.serviceAccount,
      containers: [{ name: 'test', image: 'test', resources: { requests: { cpu: '1m' } } }],
    },
  });
  return { answer, pod: answer.status === 201 ? JSON.parse(answer.body) : undefined };
}

/** Does the writes of a pod's life one after another. */
export async function* live(
  client: ApiClient,
  { metadata: { namespace = '', name, uid } }: Pod,
  writes: readonly Write[],
  nodeName: string,
): AsyncGenerator<Written> {
  const read = async () => {
    const pod = await client.send<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
    return pod.metadata.uid === uid ? roleIn(pod) : '';
  };
  for (const write of writes) {
    const before = await read();
    const answer = await writeBy(write.route, client, { namespace, name, nodeName }, write.value);
    yield { write, answer, before, after: await read() };
  }
}

export function roleIn({ metadata }: Pod): string {
  return metadata.annotations?.[ROLE_ANNOTATION] ?? '';
}

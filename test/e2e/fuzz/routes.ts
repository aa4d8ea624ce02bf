import type { ApiAnswer, ApiClient } from '../harness/api-client.ts';
import type { Pod } from '../harness/kubernetes-objects.ts';
import { ROLE_ANNOTATION } from '../scenarios/support/manifests.ts';

/** The ways to write to a pod that exists. */
export const ROUTES = [
  'merge patch',
  'strategic patch',
  'json patch',
  'server-side apply',
  'replace',
  'patch of the status',
  'replace of the status',
  'binding',
  'legacy binding',
  'ephemeral containers',
  'resize',
] as const;
export type Route = (typeof ROUTES)[number];

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

/** Writes to a pod by a route, so as to give the annotation this value, remove it (null) or leave it alone (undefined). */
export async function writeBy(
  route: Route,
  client: ApiClient,
  { namespace, name, nodeName }: Readonly<{ namespace: string; name: string; nodeName: string }>,
  value: string | null | undefined,
): Promise<ApiAnswer> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const annotations = value === undefined ? {} : { [ROLE_ANNOTATION]: value };
  const patch = { metadata: { annotations, labels: { touched: 'true' } } };

  switch (route) {
    case 'merge patch':
      return client.sendForAnswer('PATCH', path, patch, MERGE);
    case 'strategic patch':
      return client.sendForAnswer('PATCH', path, patch, STRATEGIC);
    case 'json patch':
      return client.sendForAnswer('PATCH', path, toOperations(value), 'application/json-patch+json');
    case 'server-side apply':
      return client.sendForAnswer(
        'PATCH',
        `${path}?fieldManager=fuzz&force=true`,
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace, annotations: textsAlone(annotations) },
        },
        'application/apply-patch+yaml',
      );
    case 'replace':
      return client.sendForAnswer('PUT', path, withValue(await client.send<Pod>('GET', path), value));
    case 'patch of the status':
      return client.sendForAnswer(
        'PATCH',
        `${path}/status`,
        { ...patch, status: { message: 'touched' } },
        MERGE,
      );
    case 'replace of the status':
      return client.sendForAnswer(
        'PUT',
        `${path}/status`,
        withValue(await client.send<Pod>('GET', path), value),
      );
    case 'binding':
      return client.sendForAnswer('POST', `${path}/binding`, toBinding());
    case 'legacy binding':
      return client.sendForAnswer('POST', `/api/v1/namespaces/${namespace}/bindings`, toBinding());
    case 'ephemeral containers':
      return client.sendForAnswer(
        'PATCH',
        `${path}/ephemeralcontainers`,
        { ...patch, spec: { ephemeralContainers: [{ name: 'debug', image: 'debug' }] } },
        STRATEGIC,
      );
    case 'resize':
      return client.sendForAnswer(
        'PATCH',
        `${path}/resize`,
        { ...patch, spec: { containers: [{ name: 'test', resources: { requests: { cpu: '2m' } } }] } },
        STRATEGIC,
      );
  }

  function toBinding(): object {
    return {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, annotations: textsAlone(annotations) },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    };
  }
}

function toOperations(value: string | null | undefined): readonly object[] {
  const path = `/metadata/annotations/${ROLE_ANNOTATION.replace('/', '~1')}`;
  if (value === undefined) {
    return [{ op: 'add', path: '/metadata/labels/touched', value: 'true' }];
  }
  return value === null ? [{ op: 'remove', path }] : [{ op: 'add', path, value }];
}

function withValue(pod: Pod, value: string | null | undefined): Pod {
  if (value === undefined) {
    return pod;
  }
  const { [ROLE_ANNOTATION]: _, ...others } = pod.metadata.annotations ?? {};
  const annotations = value === null ? others : { ...others, [ROLE_ANNOTATION]: value };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/** Only a patch can say null. */
function textsAlone(annotations: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
}

import type { ApiAnswer, ApiClient } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { pod } from '../scenarios/support/manifests.ts';
import { writeBy } from './routes.ts';

const PROBE = { namespace: 'signal', name: 'lock-probe', nodeName: '' };

/** The actions of the creation lock by way of the pod and of its status. */
export type Lock = Readonly<{ pods: 'Deny' | 'Warn' | 'Audit'; podsStatus: 'Deny' | 'Warn' | 'Audit' }>;

/** Waits until the API server, which takes up a changed policy a moment later, acts by these. */
export async function waitForLock(client: ApiClient, { pods, podsStatus }: Lock): Promise<void> {
  const { spec } = { spec: {}, ...pod(PROBE.name, PROBE.namespace, undefined) };
  await client.sendForAnswer('POST', `/api/v1/namespaces/${PROBE.namespace}/pods`, {
    ...pod(PROBE.name, PROBE.namespace, undefined),
    spec: { ...spec, schedulerName: 'nobody' },
  });
  let value = 0;
  for (const [route, action] of [
    ['merge patch', pods],
    ['patch of the status', podsStatus],
  ] as const) {
    await waitFor(`${action} of a ${route}`, async () => {
      value += 1;
      return actionOf(await writeBy(route, client, PROBE, `probe-${value}`)) === action;
    });
  }
}

function actionOf({ status, warnings }: ApiAnswer): string {
  if (status === 403) {
    return 'Deny';
  }
  return warnings.length > 0 ? 'Warn' : 'Audit';
}

import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, pod } from '../scenarios/support/manifests.ts';
import type { Replica } from '../scenarios/support/replicas.ts';
import type { WebhookCluster } from '../scenarios/support/webhook-cluster.ts';

/** A namespace of its own, in which a refusal names the lists in force. */
const SIGNAL = 'signal';
const PROTECTED_ROLE = 'KubernetesMasterRole-signal';

let rounds = 0;

/** Replaces all allowlists of the cluster, and waits until every replica decides by these and no others. */
export async function putInForce(
  cluster: WebhookCluster,
  replicas: readonly Replica[],
  allowlists: readonly Allowlist[],
): Promise<void> {
  const last = `signal-${rounds++}`;
  await cluster.kubectl(['delete', 'ramroleallowlists', '--all']);
  await cluster.apply([
    ...allowlists.map(({ name, spec }) => allowlist(name, spec)),
    allowlist(last, { namespaces: [SIGNAL], roles: [] }),
  ]);
  // Replicas learn of changes in their order, so a replica that has the last one has them all.
  for (const replica of replicas) {
    await waitFor(`${replica.name} to decide by ${last}`, async () => {
      const { status } = await replica.review(
        '/validate-pods',
        SIGNAL,
        pod('signal', SIGNAL, PROTECTED_ROLE),
      );
      return status?.message.includes(last) ?? false;
    });
  }
}

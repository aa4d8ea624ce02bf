import { API_VERSION, KIND } from '../../src/policy/schema/allowlist.ts';

/** The namespace of the pod of examples/reviews/1-allowed-role.json. */
export const MATCHING_NAMESPACE = 'payments';

/** Allowlists as the objects that a file or the cluster holds: half name a namespace, half a glob, one of them `payments`. */
export function buildLists(count: number): readonly unknown[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: `team-${index}` },
    spec: {
      namespaces: [index === 0 ? MATCHING_NAMESPACE : `team-${index}${index % 2 === 0 ? '' : '-*'}`],
      roles: index === 0 ? ['ECIRamRoleTest'] : [`team-${index}-reader`, `team-${index}-writer-*`],
      contact: `#team-${index}`,
    },
  }));
}

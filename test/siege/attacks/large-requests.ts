import type { Attack } from '../support/attack.ts';
import { sendInTurn, tlsTo } from '../support/attacker.ts';
import { allowlistBody, podBody, requestOf } from '../support/requests.ts';

const MIB = 1024 * 1024;
const PAUSE_MS = 1_000;
const SPEC = { namespaces: ['payments'], roles: ['payments-reader'] };

/** Single requests that cost far more than their bytes. */
export const largeRequests: readonly Attack[] = [
  one('a role of 7 million long s', '/validate-pods', () => podBody('\u017f'.repeat(7_000_000))),
  one('a role of 15 MiB', '/mutate-pods', () => podBody('x'.repeat(15 * MIB))),
  one('a workload role of 7 million long s', '/validate-workloads', () =>
    workloadBody('\u017f'.repeat(7_000_000)),
  ),
  one('an allowlist of 190,000 patterns', '/validate-allowlists', () =>
    allowlistBody({ ...SPEC, roles: Array.from({ length: 190_000 }, (_, index) => `role-${index}*a`) }),
  ),
  one('an allowlist with a contact of 15 MiB', '/validate-allowlists', () =>
    allowlistBody({ ...SPEC, contact: 'x'.repeat(15 * MIB) }),
  ),
  one('an allowlist with 99,000 unknown fields', '/validate-allowlists', () =>
    allowlistBody({
      ...SPEC,
      ...Object.fromEntries(Array.from({ length: 99_000 }, (_, index) => [`f${index}`, 0])),
    }),
  ),
  one('an allowlist with 99,000 annotations', '/validate-allowlists', () =>
    allowlistBody(SPEC, Object.fromEntries(Array.from({ length: 99_000 }, (_, index) => [`f${index}`, 'x']))),
  ),
];

function one(name: string, path: string, body: () => string): Attack {
  return {
    name,
    run: ([replica], signal) =>
      sendInTurn(tlsTo(replica?.securePort ?? 0), [requestOf(path, body())], PAUSE_MS, signal),
  };
}

function workloadBody(role: string): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      namespace: 'payments',
      name: 'attack',
      operation: 'CREATE',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'attack' },
        spec: { template: { metadata: { annotations: { 'k8s.aliyun.com/eci-ram-role-name': role } } } },
      },
    },
  });
}

import type { Attack } from '../support/attack.ts';
import { sendInTurn, tlsTo } from '../support/attacker.ts';
import { allowlistBody, podBody, requestOf } from '../support/requests.ts';

const MIB = 1024 * 1024;
const PAUSE_MS = 500;
const SPEC = { namespaces: ['payments'], roles: ['payments-reader'] };

/** Single requests that cost far more than their bytes. */
export const largeRequests: readonly Attack[] = [
  inTurn('roles of 7 million long s, or 15 MiB', () => [
    requestOf('/validate-pods', podBody('\u017f'.repeat(7_000_000))),
    requestOf('/mutate-pods', podBody('x'.repeat(15 * MIB))),
    requestOf('/validate-workloads', workloadBody('\u017f'.repeat(7_000_000))),
  ]),
  inTurn('allowlists of 190,000 patterns', () => [
    requestOf('/validate-allowlists', allowlistBody({ ...SPEC, roles: numbered(190_000, 'role-*a') })),
    requestOf('/validate-allowlists', allowlistBody({ ...SPEC, namespaces: numbered(190_000, 'team-*a') })),
  ]),
  inTurn('allowlists with a contact of 15 MiB', () => [
    requestOf('/validate-allowlists', allowlistBody({ ...SPEC, contact: 'x'.repeat(15 * MIB) })),
    requestOf('/validate-allowlists', allowlistBody({ ...SPEC, contact: '\u017f'.repeat(7_000_000) })),
  ]),
  inTurn('allowlists with 99,000 unknown fields or annotations', () => [
    requestOf('/validate-allowlists', allowlistBody({ ...SPEC, ...fields(99_000) })),
    requestOf('/validate-allowlists', allowlistBody(SPEC, fields(99_000))),
  ]),
];

function inTurn(name: string, makeRequests: () => readonly Buffer[]): Attack {
  return {
    name,
    run: (replica, signal) => sendInTurn(tlsTo(replica.admission), makeRequests(), PAUSE_MS, signal),
  };
}

function numbered(count: number, pattern: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => pattern.replace('*', `${index}*`));
}

function fields(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`field-${index}`, 'x']));
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

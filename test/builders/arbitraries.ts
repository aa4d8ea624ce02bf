import fc from 'fast-check';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';
import type { PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist, AllowlistSpec } from '../../src/policy/schema/allowlist.ts';
import { VIOLATION_ACTIONS } from '../../src/policy/violation-action.ts';

/** The time of every generated request; lists expire a second before, at and a second after it. */
export const NOW = Date.parse('2026-11-25T10:00:00Z');

// Few and short names, so that what is generated meets often.
const NAMESPACES = ['a', 'ab', 'b'];
const ROLES = ['r', 'rs', 's', 'R', 'KubernetesWorkerRole-1'];
const SERVICE_ACCOUNTS = ['default', 'x', 'xy'];
const PROTECTED_VARIANTS = [
  ' KubernetesWorkerRole-1',
  'KUBERNETESWORKERROLE-',
  'Kubernetes\u200bWorkerRole-\n',
  'Kubernetes\ufe0fWorker\u3164Role-',
  'Kubernetes*Worker\u{1f600}Role-',
];
const IMPOSSIBLE_ROLES = [
  'r s',
  ' r',
  '*',
  'r*',
  'r'.repeat(65),
  '\u0000',
  '\ud800',
  `\${r}`,
  'acs:ram::1:role/r',
];

const action = fc.constantFrom(...VIOLATION_ACTIONS);

/** The settings of a policy. */
export const settings: fc.Arbitrary<PolicySettings> = fc.record({
  unlistedNamespaces: action,
  protectedRoles: fc.constantFrom(['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'], [], ['R']),
  eciDetection: fc.constantFrom('markers', 'markers', 'all-pods'),
});

const patterns = (names: readonly string[]) => [...names, '*', `${names[0]}*`, `*${names[1]?.at(-1)}`];

const scope = fc.oneof(
  { weight: 4, arbitrary: fc.record({ namespaces: someOf(patterns(NAMESPACES), 1, 3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      namespaceSelector: fc.constantFrom<NonNullable<AllowlistSpec['namespaceSelector']>>(
        {},
        { matchLabels: { team: 'a' } },
        { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] },
      ),
    }),
  },
);

const expiry = fc.constantFrom(
  {},
  {},
  {},
  { expiresAt: '2026-11-25T09:59:59Z', reason: 'incident' },
  { expiresAt: '2026-11-25T10:00:00Z', reason: 'incident' },
  { expiresAt: '2026-11-25T10:00:01Z', reason: 'incident' },
);

/** The fields that depend on each other are added to these. A field that is missing here does not compile. */
const independentFields = {
  roles: someOf(patterns(ROLES), 0, 3),
  injectInto: fc.constantFrom('EciPods' as const, 'AllPods' as const),
  violationAction: action,
  serviceAccounts: someOf(patterns(SERVICE_ACCOUNTS), 1, 2),
  contact: fc.constantFrom('#team', '', 'a\nb'),
} satisfies Record<
  Exclude<keyof AllowlistSpec, 'namespaces' | 'namespaceSelector' | 'defaultRole' | 'expiresAt' | 'reason'>,
  fc.Arbitrary<unknown>
>;

const spec = fc
  .record(independentFields, { requiredKeys: ['roles', 'injectInto', 'violationAction'] })
  .chain((fields) => {
    const exact = fields.roles.filter((role) => !role.includes('*'));
    return fc
      .constantFrom({}, ...exact.map((defaultRole) => ({ defaultRole })))
      .map((given) => ({ ...fields, ...given }));
  });

/** Allowlists of different names. */
export const allowlists: fc.Arbitrary<Allowlist[]> = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 5 })
  .chain((names) => fc.tuple(...names.map(allowlistNamed)));

/** One allowlist of this name. */
export function allowlistNamed(name: string): fc.Arbitrary<Allowlist> {
  return fc
    .tuple(scope, spec, expiry)
    .map(([scope, fields, expiry]) => ({ name, spec: { ...scope, ...fields, ...expiry } }));
}

/** The values of an annotation that names a role: allowed here or there, protected, impossible, empty. */
export const role: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ROLES) },
  { weight: 2, arbitrary: fc.constantFrom('', ...PROTECTED_VARIANTS, ...IMPOSSIBLE_ROLES) },
  {
    weight: 1,
    arbitrary: fc.array(fc.nat(0xffff), { maxLength: 90 }).map((units) => String.fromCharCode(...units)),
  },
);

export const serviceAccount = fc.constantFrom(...SERVICE_ACCOUNTS, 'y');

const annotations = fc
  .tuple(
    fc.option(role, { nil: undefined, freq: 3 }),
    fc.constantFrom([], [], [], [], [['kubernetes.io/config.mirror', ''] as const]),
    fc.subarray([
      ['k8s.aliyun.com/eci-use-specs', 'x'],
      ['other', ''],
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ] as const),
  )
  .map(([role, mirror, others]) =>
    objectOf([...mirror, ...others, ...(role === undefined ? [] : [[ROLE_ANNOTATION, role] as const])]),
  );

const someJson = fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text));

/** An object of a pod's creation as an API server would send it. */
export const pod = fc.record(
  {
    metadata: fc.record(
      {
        annotations: fc.oneof(
          { weight: 6, arbitrary: annotations },
          { weight: 1, arbitrary: fc.constant(null) },
        ),
        labels: fc.constantFrom({}, { eci: 'true' }, { 'alibabacloud.com/eci': 'true' }),
      },
      { requiredKeys: [] },
    ),
    spec: fc.record(
      {
        serviceAccountName: serviceAccount,
        nodeName: fc.constantFrom('virtual-kubelet-1', 'node'),
        tolerations: fc.constant([{ key: 'virtual-kubelet.io/provider' }]),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['metadata'] },
);

/** Any JSON at all, and pods of which one part is any JSON. */
export const oddPod: fc.Arbitrary<unknown> = fc.oneof(
  someJson,
  fc.tuple(pod, someJson).map(([pod, metadata]) => ({ ...pod, metadata })),
  fc.tuple(pod, someJson).map(([pod, spec]) => ({ ...pod, spec })),
  fc
    .tuple(pod, someJson)
    .map(([pod, annotations]) => ({ ...pod, metadata: { ...pod.metadata, annotations } })),
  fc.tuple(pod, someJson).map(([pod, labels]) => ({ ...pod, metadata: { ...pod.metadata, labels } })),
  fc
    .tuple(
      pod,
      fc.constantFrom('nodeSelector', 'tolerations', 'affinity', 'nodeName', 'serviceAccountName'),
      someJson,
    )
    .map(([pod, field, value]) => ({ ...pod, spec: { ...pod.spec, [field]: value } })),
  fc.tuple(pod, fc.constantFrom('__proto__', 'constructor'), someJson).map(([pod, key, value]) => ({
    ...pod,
    metadata: objectOf([...Object.entries(pod.metadata), [key, value]]),
  })),
);

/** The creation of what is given, in one of the namespaces or in none. */
export function creationOf(object: fc.Arbitrary<unknown>): fc.Arbitrary<AdmissionRequest> {
  return fc.record({
    uid: fc.constant('7058831a-3a57-43b0-b662-75a02f95615a'),
    namespace: fc.constantFrom(...NAMESPACES, ...NAMESPACES, 'c', ''),
    operation: fc.constant('CREATE'),
    resource: fc.constant({ group: '', resource: 'pods' }),
    kind: fc.constant('Pod'),
    subresource: fc.constant(''),
    dryRun: fc.boolean(),
    name: fc.constant(''),
    object,
    oldObject: fc.constant(null),
  });
}

function someOf(values: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength });
}

/** An object with these own properties, `__proto__` among them if need be. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}

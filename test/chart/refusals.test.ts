// What cannot work is refused before anything is installed, with the place of the mistake.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TLS_MODES } from './cases.ts';
import { HELMS, render, renderText, type Values } from './helm.ts';

const LIST = { namespaces: ['payments'], roles: ['reader'] };
const DELEGATION = { groups: ['a'], listNamePrefix: 'a-', namespaces: ['a', 'a-*'], roles: ['reader'] };

const texts = (count: number) =>
  Array.from({ length: count }, (_, index) => `${`n${index}-`.padEnd(60, 'x')}*`);

const REFUSED: readonly Readonly<{ name: string; values: Values; message: RegExp }>[] = [
  {
    name: "another chart's key for the number of replicas",
    values: { replicaCount: 3 },
    message: /replicaCount: did you mean replicas\? found 3/,
  },
  {
    name: 'a variable of the environment that is no text',
    values: { extraEnv: [{ name: 'PORT', value: 1 }] },
    message: /'\/extraEnv\/0\/value': got number, want string/,
  },
  ...(
    [
      [
        { roles: ['reader'] },
        'allowlists.payments: expected exactly one of namespaces and namespaceSelector, found neither',
      ],
      [
        { ...LIST, namespaceSelector: {} },
        'allowlists.payments: expected exactly one of namespaces and namespaceSelector, found both',
      ],
      [
        { ...LIST, defaultRole: 'writer' },
        'allowlists.payments.defaultRole: expected a role that an entry of roles matches, found "writer"',
      ],
      [
        { ...LIST, roles: ['r.ader'], defaultRole: 'reader' },
        'allowlists.payments.defaultRole: expected a role that an entry of roles matches, found "reader"',
      ],
      [
        { ...LIST, roles: ['*'], defaultRole: 'kubernetesWorkerRole-1' },
        'allowlists.payments.defaultRole: expected a role that is not among protectedRoles, found "kubernetesWorkerRole-1"',
      ],
      [
        { ...LIST, expiresAt: '2026-12-01T18:00:00Z' },
        'allowlists.payments.reason: expected a reason, since expiresAt is set',
      ],
      [
        { ...LIST, reason: 'a', expiresAt: '2026-02-30T18:00:00Z' },
        "'/allowlists/payments/expiresAt': '2026-02-30T18:00:00Z' is not valid date-time",
      ],
      [
        { roles: [], namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
        'allowlists.payments.namespaceSelector.matchExpressions[0].values: expected at least one value for In',
      ],
    ] as const
  ).map(([spec, message]) => ({
    name: `an allowlist that the server would not accept: ${message}`,
    values: { allowlists: { payments: spec } },
    message: new RegExp(message.replaceAll(/[.[\]]/g, '\\$&')),
  })),
  ...['720h', '719h59m60s', '1h'].map((duration) => ({
    name: `a certificate of ${duration} that would be renewed without end`,
    values: { tls: { mode: 'cert-manager', certManager: { duration } } },
    message: new RegExp(
      `tls\\.certManager\\.renewBefore: expected less than duration, which is ${duration}, found 720h`,
    ),
  })),
  { name: 'a misspelt key', values: { replica: 3 }, message: /additional properties 'replica' not allowed/ },
  {
    name: 'a misspelt key of a group',
    values: { tls: { mod: 'cert-manager' } },
    message: /'\/tls': additional properties 'mod' not allowed/,
  },
  { name: 'a wrong type', values: { replicas: 'two' }, message: /'\/replicas': got string, want integer/ },
  {
    name: 'an unknown TLS mode',
    values: { tls: { mode: 'magic' } },
    message: /'\/tls\/mode': value must be one of/,
  },
  {
    name: 'an unknown action',
    values: { unlistedNamespaces: 'deny' },
    message: /'\/unlistedNamespaces': value must be/,
  },
  {
    name: 'an action that injectors do not have',
    values: { injectors: { action: 'Audit' } },
    message: /'\/injectors\/action': value must be one of 'Deny', 'Warn', 'Off', false/,
  },
  {
    name: 'an argument that would judge injectors otherwise than the values say',
    values: { extraArgs: ['--log-level=debug', '--injectors-action=Warn'] },
    message:
      /extraArgs\[1\]: expected no argument that a value gives, found "--injectors-action=Warn"; set injectors\.action/,
  },
  ...[
    'unlisted-namespaces=Audit',
    'protected-roles=',
    'probe-port=1',
    'service-name=x',
    'tls-cert-file=x',
  ].map((argument) => ({
    name: `an argument that would decide otherwise than the values say, --${argument}`,
    values: { extraArgs: [`--${argument}`] },
    message: new RegExp(`extraArgs\\[0\\]: .* found "--${argument}"; set `),
  })),
  { name: 'a long timeout', values: { validatingWebhook: { timeoutSeconds: 10 } }, message: /want 3/ },
  {
    name: 'an unknown action on workloads',
    values: { workloads: { action: 'Audit' } },
    message: /'\/workloads\/action': value must be/,
  },
  {
    name: 'a custom kind of Kubernetes itself',
    values: { workloads: { customKinds: [{ apiGroups: ['apps'], resources: ['deployments'] }] } },
    message: /'\/workloads\/customKinds\/0\/apiGroups\/0': 'apps' does not match pattern/,
  },
  {
    name: 'a custom kind that is every one',
    values: { workloads: { customKinds: [{ apiGroups: ['example.com'], resources: ['*'] }] } },
    message: /'\/workloads\/customKinds\/0\/resources\/0': '\*' does not match pattern/,
  },
  {
    name: 'a custom kind without its group',
    values: { workloads: { customKinds: [{ resources: ['clonesets'] }] } },
    message: /'\/workloads\/customKinds\/0': missing property 'apiGroups'/,
  },
  {
    name: 'existing-secret without a CA',
    values: { tls: { mode: 'existing-secret', existingSecret: 'webhook-tls' } },
    message: /tls\.caBundle: expected the PEM of the CA .* found nothing/,
  },
  {
    name: 'existing-secret without a Secret',
    values: { tls: { ...TLS_MODES['existing-secret'], existingSecret: '' } },
    message: /tls\.existingSecret: expected the name of a Secret/,
  },
  {
    name: 'a CA that is no PEM',
    values: { tls: { ...TLS_MODES['existing-secret'], caBundle: 'TUlJQg==' } },
    message: /'\/tls\/caBundle': .* does not match pattern/,
  },
  {
    name: 'a misspelt field of an allowlist, which would be wide open without it',
    values: { allowlists: { payments: { ...LIST, serviceAccount: ['api'] } } },
    message: /'\/allowlists\/payments': additional properties 'serviceAccount' not allowed/,
  },
  {
    name: 'a name that no object can have',
    values: { allowlists: { Payments: LIST } },
    message: /'\/allowlists': additional properties 'Payments' not allowed/,
  },
  {
    name: 'an ARN for a role',
    values: { allowlists: { payments: { ...LIST, roles: ['acs:ram::1234:role/reader'] } } },
    message: /'\/allowlists\/payments\/roles\/0'/,
  },
  {
    name: 'a namespace selector in a file',
    values: { source: 'file', allowlists: { payments: { namespaceSelector: {}, roles: [] } } },
    message: /allowlists\.payments\.namespaceSelector: expected namespaces by name/,
  },
  {
    name: 'the same port twice',
    values: { securePort: 8081 },
    message: /probePort: expected another port than securePort/,
  },
  {
    name: 'a NetworkPolicy that would let every pod connect to the webhook',
    values: { networkPolicy: { enabled: true } },
    message:
      /networkPolicy\.apiServer\.cidrs: expected the addresses of the API servers.* found none.*; add them, or set networkPolicy\.apiServer\.anyAddress/,
  },
  {
    name: 'a NetworkPolicy for some addresses and for any',
    values: { networkPolicy: { enabled: true, apiServer: { cidrs: ['10.0.0.0/28'], anyAddress: true } } },
    message:
      /networkPolicy\.apiServer\.anyAddress: expected false beside networkPolicy\.apiServer\.cidrs, found true; .*\["10\.0\.0\.0\/28"\]/,
  },
  {
    name: "a label that is the chart's own",
    values: { commonLabels: { 'app.kubernetes.io/name': 'x' } },
    message: /'\/commonLabels\/app\.kubernetes\.io~1name'/,
  },
  {
    name: 'an exempt user while nobody judges the injectors',
    values: { injectors: { action: 'Warn' }, creationLock: { exemptUsernames: ['anna'] } },
    message:
      /creationLock\.exemptUsernames: expected none while injectors\.action is Warn, .*; found \["anna"\]/,
  },
  {
    name: 'an exempt group while the injectors are not judged',
    values: { injectors: { action: 'Off' }, creationLock: { exemptGroups: ['migration'] } },
    message: /creationLock\.exemptGroups: expected none while injectors\.action is Off/,
  },
  {
    name: 'an exempt user even where the lock is off for now',
    values: {
      injectors: { action: 'Warn' },
      creationLock: { pods: 'Off', podsStatus: 'Off', exemptUsernames: ['anna'] },
    },
    message: /creationLock\.exemptUsernames: expected none/,
  },
  ...['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'].map((group) => ({
    name: `an exemption of ${group}`,
    values: { creationLock: { exemptGroups: ['migration', group] } },
    message: new RegExp(`creationLock\\.exemptGroups\\[1\\]: .* found "${group}", which is everybody`),
  })),
  {
    name: 'an exempt user by a pattern, which would be taken for a name',
    values: { creationLock: { exemptUsernames: ['system:serviceaccount:kube-system:*'] } },
    message: /'\/creationLock\/exemptUsernames\/0': .* does not match pattern/,
  },
  {
    name: 'an exempt user of two lines',
    values: { creationLock: { exemptUsernames: ['anna\n"]'] } },
    message: /'\/creationLock\/exemptUsernames\/0'/,
  },
  {
    name: 'delegations of lists in a file',
    values: { source: 'file', delegations: [DELEGATION] },
    message: /delegations: expected none while source is file, .*; found 1/,
  },
  {
    name: 'delegations that are too large to be stored',
    values: {
      delegations: Array.from({ length: 100 }, (_, index) => ({
        groups: ['a'],
        listNamePrefix: `a-${index}`,
        namespaces: texts(64),
        roles: texts(64),
      })),
    },
    message:
      /delegations: expected up to 1400000 bytes as one ValidatingAdmissionPolicy, found 1\d{6}; delegate by prefixes/,
  },
  {
    name: 'delegations to more groups than one expression holds',
    values: {
      delegations: Array.from({ length: 8 }, (_, index) => ({
        ...DELEGATION,
        groups: Array.from({ length: 64 }, (_, group) => `${index}-${group}-`.padEnd(240, 'x')),
        listNamePrefix: `b${index}-`,
      })),
    },
    message:
      /delegations: expected groups of up to 99000 characters as one CEL expression, found 1\d{5}; delegate to fewer/,
  },
  {
    name: 'delegations that leave no entries for other allowlists',
    values: {
      maxAllowlistEntries: 1_000,
      delegations: [
        { ...DELEGATION, maxEntries: 900 },
        { ...DELEGATION, listNamePrefix: 'b-' },
      ],
    },
    message:
      /delegations: expected fewer maxEntries together than maxAllowlistEntries, which is 1000, found 1000/,
  },
  ...['maxNamespaces', 'maxRoles'].map((field) => ({
    name: `a delegation of allowlists with a ${field} that none can have`,
    values: { delegations: [{ ...DELEGATION, [field]: 257 }] },
    message: new RegExp(`'/delegations/0/${field}': maximum: got 257, want 256`),
  })),
  {
    name: 'a delegation to nobody',
    values: { delegations: [{ ...DELEGATION, groups: [] }] },
    message: /'\/delegations\/0\/groups': minItems: got 0, want 1/,
  },
  ...['system:masters', 'system:authenticated', 'system:serviceaccounts:kube-system'].map((group) => ({
    name: `a delegation to ${group}, which would confine others than a team`,
    values: { delegations: [{ ...DELEGATION, groups: ['a', group] }] },
    message: new RegExp(
      `delegations\\[0\\]\\.groups\\[1\\]: expected a group of one team.* found "${group}"`,
    ),
  })),
  {
    name: 'a delegation of every list',
    values: { delegations: [{ ...DELEGATION, listNamePrefix: '' }] },
    message: /'\/delegations\/0\/listNamePrefix': '' does not match pattern/,
  },
  {
    name: 'a delegation without a list name',
    values: { delegations: [{ groups: ['a'], namespaces: ['a'], roles: ['reader'] }] },
    message: /'\/delegations\/0': missing property 'listNamePrefix'/,
  },
  ...['*', '*-a', 'a-*-b', 'a**', 'a-', 'A', 'a?'].map((entry) => ({
    name: `a delegation of namespaces ${entry}`,
    values: { delegations: [{ ...DELEGATION, namespaces: ['a', entry] }] },
    message: /'\/delegations\/0\/namespaces\/1': .* does not match pattern/,
  })),
  ...['*', '*-a', 'a-*-b', 'a**', 'acs:ram::1234:role/a', 'a"]'].map((entry) => ({
    name: `a delegation of roles ${entry}`,
    values: { delegations: [{ ...DELEGATION, roles: ['a', entry] }] },
    message: /'\/delegations\/0\/roles\/1': .* does not match pattern/,
  })),
  {
    name: "a delegation by which one team could delete another's lists",
    values: { delegations: [{ ...DELEGATION, groups: ['b'], listNamePrefix: 'a-b-' }, DELEGATION] },
    message: /delegations\[1\]\.listNamePrefix: .*"a-b-".* delegations\[0\] has other groups.*; found "a-"/,
  },
  {
    name: 'an allowlist of the release that a team could delete',
    values: { delegations: [DELEGATION], allowlists: { 'a-1': LIST } },
    message: /allowlists\.a-1: expected a name that does not begin with "a-"/,
  },
];

for (const helm of HELMS) {
  for (const { name, values, message } of REFUSED) {
    test(`${helm} refuses ${name}`, () => {
      assert.throws(() => renderText(values, { helm }), message);
    });
  }

  test(`${helm} accepts allowlists that the server accepts`, () => {
    const dated = { ...LIST, reason: 'a', expiresAt: '2028-02-29T23:59:59Z' };
    const allowlists = {
      dated,
      glob: { ...LIST, roles: ['other', 'pay.*-r*'], defaultRole: 'pay.ments-reader' },
      selected: { roles: [], namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
    };
    assert.doesNotThrow(() => render({ allowlists }, { helm }));
  });

  test(`${helm} accepts ACK's version of Kubernetes`, () => {
    assert.doesNotThrow(() => render({}, { helm, flags: ['--kube-version', 'v1.31.1-aliyun.1'] }));
  });

  test(`${helm} refuses a Kubernetes without ValidatingAdmissionPolicy`, () => {
    assert.throws(
      () => render({}, { helm, flags: ['--kube-version', 'v1.29.9'] }),
      /incompatible with Kubernetes v1\.29\.9/,
    );
  });
}

// What cannot work is refused before anything is installed, with the place of the mistake.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TLS_MODES } from './cases.ts';
import { HELMS, render, renderText, type Values } from './helm.ts';

const LIST = { namespaces: ['payments'], roles: ['reader'] };

const REFUSED: readonly Readonly<{ name: string; values: Values; message: RegExp }>[] = [
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
    name: "a label that is the chart's own",
    values: { commonLabels: { 'app.kubernetes.io/name': 'x' } },
    message: /'\/commonLabels\/app\.kubernetes\.io~1name'/,
  },
];

for (const helm of HELMS) {
  for (const { name, values, message } of REFUSED) {
    test(`${helm} refuses ${name}`, () => {
      assert.throws(() => renderText(values, { helm }), message);
    });
  }

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

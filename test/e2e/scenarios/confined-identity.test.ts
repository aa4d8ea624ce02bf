// The server's own identity can publish its CA, and nothing else of its registrations: with its token in other hands,
// no object of the cluster can be sent elsewhere, and the webhook cannot be switched off.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type ApiClient, ApiError } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { allowlist, pod } from './support/manifests.ts';
import { createServerClient } from './support/service-account.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const MUTATING = `${GROUP}/mutatingwebhookconfigurations`;
const VALIDATING = `${GROUP}/validatingwebhookconfigurations`;
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const SECRET_RULE = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['*'] };
const OWNER = { apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: 'none' };
const BUNDLE = Buffer.from('no certificate').toString('base64');

const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];
const add = (path: string, value: unknown) => [{ op: 'add', path, value }];
const remove = (path: string) => [{ op: 'remove', path }];

/** JSON patches of both configurations: what each would do, and to what. */
const CHANGES = [
  { change: 'the rules', patch: add('/webhooks/0/rules/-', SECRET_RULE) },
  { change: 'the operations of a rule', patch: add('/webhooks/0/rules/0/operations/-', 'UPDATE') },
  { change: 'no rules', patch: remove('/webhooks/0/rules') },
  {
    change: 'the failurePolicy to Ignore',
    patch: replace('/webhooks/0/failurePolicy', 'Ignore'),
    only: [VALIDATING],
  },
  {
    change: 'the failurePolicy to Fail',
    patch: replace('/webhooks/0/failurePolicy', 'Fail'),
    only: [MUTATING],
  },
  {
    change: 'the failurePolicy to the default one',
    patch: remove('/webhooks/0/failurePolicy'),
    only: [MUTATING],
  },
  {
    change: 'a url in the place of the Service',
    patch: [
      ...remove('/webhooks/0/clientConfig/service'),
      ...add('/webhooks/0/clientConfig/url', 'https://evil.example.com/'),
    ],
  },
  { change: 'the name of the Service', patch: replace('/webhooks/0/clientConfig/service/name', 'evil') },
  {
    change: 'the namespace of the Service',
    patch: replace('/webhooks/0/clientConfig/service/namespace', 'default'),
  },
  { change: 'the path of the Service', patch: replace('/webhooks/0/clientConfig/service/path', '/evil') },
  { change: 'the port of the Service', patch: replace('/webhooks/0/clientConfig/service/port', 444) },
  { change: 'no path of the Service', patch: remove('/webhooks/0/clientConfig/service/path') },
  {
    change: 'the namespaceSelector',
    patch: replace('/webhooks/0/namespaceSelector', { matchLabels: { evil: 'true' } }),
  },
  { change: 'no namespaceSelector', patch: remove('/webhooks/0/namespaceSelector') },
  {
    change: 'the objectSelector',
    patch: replace('/webhooks/0/objectSelector', { matchLabels: { evil: 'true' } }),
  },
  {
    change: 'the matchConditions',
    patch: add('/webhooks/0/matchConditions', [{ name: 'never', expression: 'false' }]),
  },
  { change: 'no matchConditions', patch: remove('/webhooks/0/matchConditions'), only: [VALIDATING] },
  { change: 'the matchPolicy', patch: replace('/webhooks/0/matchPolicy', 'Exact') },
  { change: 'the sideEffects', patch: replace('/webhooks/0/sideEffects', 'NoneOnDryRun') },
  { change: 'the timeout', patch: replace('/webhooks/0/timeoutSeconds', 30) },
  {
    change: 'the admissionReviewVersions',
    patch: replace('/webhooks/0/admissionReviewVersions', ['v1', 'v1beta1']),
  },
  {
    change: 'the reinvocationPolicy',
    patch: replace('/webhooks/0/reinvocationPolicy', 'Never'),
    only: [MUTATING],
  },
  { change: 'the name of a webhook', patch: replace('/webhooks/0/name', 'evil.eci-ram-role.io') },
  { change: 'one webhook less', patch: remove('/webhooks/0') },
  { change: 'no webhooks', patch: remove('/webhooks') },
  { change: 'an empty list of webhooks', patch: replace('/webhooks', []) },
  {
    change: 'one webhook more',
    patch: [
      { op: 'copy', from: '/webhooks/0', path: '/webhooks/0' },
      ...replace('/webhooks/0/name', 'evil.eci-ram-role.io'),
    ],
  },
  { change: 'a label', patch: add('/metadata/labels/evil', 'true') },
  {
    change: 'another value of a label',
    patch: replace('/metadata/labels/app.kubernetes.io~1instance', 'evil'),
  },
  { change: 'no labels', patch: remove('/metadata/labels') },
  {
    change: 'an annotation',
    patch: add('/metadata/annotations/cert-manager.io~1inject-ca-from', 'evil/evil'),
  },
  { change: 'no annotations', patch: remove('/metadata/annotations') },
  { change: 'an owner, which has it deleted with it', patch: add('/metadata/ownerReferences', [OWNER]) },
  { change: 'a finalizer', patch: add('/metadata/finalizers', ['evil.example.com/stay']) },
  {
    change: 'the caBundle and the rules at once',
    patch: [...add('/webhooks/0/clientConfig/caBundle', BUNDLE), ...add('/webhooks/0/rules/-', SECRET_RULE)],
  },
] as const;

type Request = Readonly<{
  title: string;
  method: string;
  path: string;
  body?: unknown;
  contentType?: string;
}>;

const POLICIES = `${GROUP}/validatingadmissionpolicies/${RELEASE}-ca-bundle-only`;
const BINDINGS = `${GROUP}/validatingadmissionpolicybindings/${RELEASE}-ca-bundle-only`;

/** Requests that RBAC refuses. */
const FORBIDDEN: readonly Request[] = [
  { title: 'to list webhook configurations', method: 'GET', path: VALIDATING },
  { title: 'to read the configuration of another', method: 'GET', path: `${VALIDATING}/another` },
  {
    title: 'to patch the configuration of another',
    method: 'PATCH',
    path: `${VALIDATING}/another`,
    body: remove('/webhooks'),
    contentType: JSON_PATCH,
  },
  { title: 'to delete its mutating configuration', method: 'DELETE', path: `${MUTATING}/${RELEASE}` },
  { title: 'to delete its validating configuration', method: 'DELETE', path: `${VALIDATING}/${RELEASE}` },
  { title: 'to delete all configurations', method: 'DELETE', path: VALIDATING },
  {
    title: 'to create a configuration',
    method: 'POST',
    path: VALIDATING,
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'evil' },
    },
  },
  {
    title: 'to create a configuration by applying it',
    method: 'PATCH',
    path: `${VALIDATING}/evil?fieldManager=evil`,
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'evil' },
    },
    contentType: APPLY_PATCH,
  },
  { title: 'to read the policies of others', method: 'GET', path: `${GROUP}/validatingadmissionpolicies` },
  {
    title: 'to change the policy that confines it',
    method: 'PATCH',
    path: POLICIES,
    body: {},
    contentType: MERGE_PATCH,
  },
  { title: 'to delete that policy', method: 'DELETE', path: POLICIES },
  { title: "to delete that policy's binding", method: 'DELETE', path: BINDINGS },
  { title: 'to change that binding', method: 'PATCH', path: BINDINGS, body: {}, contentType: MERGE_PATCH },
  { title: 'to list the Secrets of its namespace', method: 'GET', path: SECRETS },
  { title: 'to read another Secret', method: 'GET', path: `${SECRETS}/sh.helm.release.v1.${RELEASE}.v1` },
  {
    title: 'to create a Secret',
    method: 'POST',
    path: SECRETS,
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'evil' } },
  },
  { title: 'to delete its Secret', method: 'DELETE', path: `${SECRETS}/${RELEASE}-tls` },
  { title: 'to list all Secrets', method: 'GET', path: '/api/v1/secrets' },
  {
    title: 'to create a pod',
    method: 'POST',
    path: `/api/v1/namespaces/${NAMESPACE}/pods`,
    body: pod('evil', NAMESPACE, undefined),
  },
  { title: 'to list pods', method: 'GET', path: '/api/v1/pods' },
  {
    title: 'to label a namespace',
    method: 'PATCH',
    path: '/api/v1/namespaces/default',
    body: {},
    contentType: MERGE_PATCH,
  },
  {
    title: 'to create an allowlist',
    method: 'POST',
    path: '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists',
    body: allowlist('evil', { namespaces: ['*'], roles: ['*'] }),
  },
  {
    title: 'to change an allowlist',
    method: 'PATCH',
    path: '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists/payments',
    body: { spec: { roles: ['*'] } },
    contentType: MERGE_PATCH,
  },
  {
    title: 'to delete an allowlist',
    method: 'DELETE',
    path: '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists/payments',
  },
  {
    title: 'to change its own roles',
    method: 'PATCH',
    path: `/apis/rbac.authorization.k8s.io/v1/clusterroles/${RELEASE}`,
    body: {},
    contentType: MERGE_PATCH,
  },
  {
    title: 'to make itself a token',
    method: 'POST',
    path: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${RELEASE}/token`,
    body: {},
  },
];

suite("the server's own identity", () => {
  let cluster: WebhookCluster;
  let server: ApiClient;

  before(async () => {
    cluster = await acquireCluster();
    await governPayments(cluster);
    // So that every change below is one that the API server would otherwise accept.
    await cluster.kubectl(['annotate', 'mutatingwebhookconfiguration', RELEASE, 'team=platform']);
    await cluster.kubectl(['annotate', 'validatingwebhookconfiguration', RELEASE, 'team=platform']);
    server = await createServerClient(cluster.controlPlane);
  });

  after(async () => {
    server?.close();
    await cluster?.stop();
  });

  for (const { change, patch, only = [MUTATING, VALIDATING] } of CHANGES.map((one) => ({
    only: undefined,
    ...one,
  }))) {
    for (const configurations of only) {
      test(`may not change ${change} (${configurations.replace(`${GROUP}/`, '')})`, async () => {
        const path = `${configurations}/${RELEASE}?dryRun=All`;
        await cluster.controlPlane.client.send('PATCH', path, patch, JSON_PATCH);
        await assert.rejects(
          server.send('PATCH', path, patch, JSON_PATCH),
          (error) =>
            error instanceof ApiError &&
            error.status === 422 &&
            /may change caBundle alone/.test(error.message),
        );
      });
    }
  }

  for (const { title, method, path, body, contentType } of FORBIDDEN) {
    test(`is not allowed ${title}`, async () => {
      await assert.rejects(
        server.send(method, path, body, contentType),
        (error) => error instanceof ApiError && error.status === 403,
      );
    });
  }

  for (const configurations of [MUTATING, VALIDATING]) {
    test(`may change the caBundle (${configurations.replace(`${GROUP}/`, '')}), which the real server puts right again`, async () => {
      const path = `${configurations}/${RELEASE}`;
      const bundle = async () => {
        const { webhooks } = await cluster.controlPlane.client.send<{
          webhooks: readonly { clientConfig: { caBundle?: string } }[];
        }>('GET', path);
        return webhooks.map(({ clientConfig }) => clientConfig.caBundle);
      };
      const published = await bundle();
      await server.send('PATCH', path, add('/webhooks/0/clientConfig/caBundle', published[0]), JSON_PATCH);
      await server.send('PATCH', path, remove('/webhooks/0/clientConfig/caBundle'), JSON_PATCH);
      await waitFor('the bundle', async () => JSON.stringify(await bundle()) === JSON.stringify(published));
    });
  }

  test('may read and write the Secret that holds its certificates', async () => {
    const path = `${SECRETS}/${RELEASE}-tls`;
    const secret = await server.send('GET', path);
    await server.send('PUT', `${path}?dryRun=All`, secret);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compareObject } from '../../../src/installation/compare.ts';
import { asObject } from '../../../src/json/json.ts';
import { deepFreeze } from '../../builders/deep-freeze.ts';
import { applyPatch } from '../../builders/pod-patch.ts';

const RENDERED = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'webhook', labels: { team: 'a' }, annotations: { inject: 'yes' } },
  webhooks: [
    {
      name: 'pods',
      clientConfig: { service: { name: 'webhook', namespace: 'system', path: '/validate-pods', port: 443 } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      namespaceSelector: {
        matchExpressions: [{ key: 'name', operator: 'NotIn', values: ['kube-system', 'system'] }],
      },
      matchConditions: [{ name: 'names-a-role', expression: 'true' }],
      failurePolicy: 'Fail',
      timeoutSeconds: 3,
    },
    { name: 'bindings', clientConfig: {}, failurePolicy: 'Fail' },
  ],
};

/** The rendered object as the API server returns it, with its defaults and what every cluster adds. */
const ACTUAL = deepFreeze({
  ...RENDERED,
  metadata: {
    ...RENDERED.metadata,
    uid: 'u',
    labels: { team: 'b', added: 'yes' },
    annotations: { ...RENDERED.metadata.annotations, 'meta.helm.sh/release-name': 'r' },
  },
  webhooks: RENDERED.webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle: 'LS0t' },
    rules: webhook.rules?.map((rule) => ({ ...rule, scope: '*' })) ?? [],
    matchPolicy: 'Equivalent',
    objectSelector: {},
  })),
});

type Change = Readonly<{ title: string; path: string } & ({ op: 'remove' } | { op: 'add'; value: unknown })>;

const NEVER = { name: 'never', expression: 'false' };
const MANY = Array.from({ length: 1_003 }, (_, index) => ({ name: `w-${index}` }));

/** The path of each change, and the one that is reported. */
const CHANGES: readonly (readonly [Change, string])[] = [
  [
    { title: 'another failurePolicy', op: 'add', path: '/webhooks/0/failurePolicy', value: 'Ignore' },
    'webhooks[pods].failurePolicy',
  ],
  [
    { title: 'no failurePolicy', op: 'remove', path: '/webhooks/1/failurePolicy' },
    'webhooks[bindings].failurePolicy',
  ],
  [{ title: 'a webhook less', op: 'remove', path: '/webhooks/0' }, 'webhooks[pods]'],
  [{ title: 'no webhooks', op: 'remove', path: '/webhooks' }, 'webhooks[pods]'],
  [
    { title: 'another Service', op: 'add', path: '/webhooks/0/clientConfig/service/name', value: 'evil' },
    'webhooks[pods].clientConfig.service.name',
  ],
  [
    { title: 'a url', op: 'add', path: '/webhooks/0/clientConfig/url', value: 'https://evil' },
    'webhooks[pods].clientConfig.url',
  ],
  [
    { title: 'an operation less', op: 'remove', path: '/webhooks/0/rules/0/operations/0' },
    'webhooks[pods].rules[0]',
  ],
  [
    { title: 'a narrower scope', op: 'add', path: '/webhooks/0/rules/0/scope', value: 'Cluster' },
    'webhooks[pods].rules[0]',
  ],
  [
    {
      ...{ title: 'one more excluded namespace', op: 'add', value: 'payments' },
      path: '/webhooks/0/namespaceSelector/matchExpressions/0/values/-',
    },
    'webhooks[pods].namespaceSelector.matchExpressions[0]',
  ],
  [
    {
      ...{ title: 'one more expression of a selector', op: 'add', value: { key: 'a', operator: 'Exists' } },
      path: '/webhooks/0/namespaceSelector/matchExpressions/-',
    },
    'webhooks[pods].namespaceSelector.matchExpressions[1]',
  ],
  [
    { title: 'a selector', op: 'add', path: '/webhooks/1/objectSelector/matchLabels', value: { a: 'b' } },
    'webhooks[bindings].objectSelector',
  ],
  [
    { title: 'one more condition', op: 'add', path: '/webhooks/0/matchConditions/-', value: NEVER },
    'webhooks[pods].matchConditions[never]',
  ],
  [
    {
      title: 'another condition',
      op: 'add',
      path: '/webhooks/0/matchConditions/0/expression',
      value: 'false',
    },
    'webhooks[pods].matchConditions[names-a-role].expression',
  ],
  [
    { title: 'conditions beside none', op: 'add', path: '/webhooks/1/matchConditions', value: [NEVER] },
    'webhooks[bindings].matchConditions',
  ],
  [
    { title: 'another matchPolicy', op: 'add', path: '/webhooks/0/matchPolicy', value: 'Exact' },
    'webhooks[pods].matchPolicy',
  ],
  [
    { title: 'another annotation', op: 'add', path: '/metadata/annotations/inject', value: 'no' },
    'metadata.annotations[inject]',
  ],
  [{ title: 'more webhooks than are searched', op: 'add', path: '/webhooks', value: MANY }, 'webhooks'],
];

suite('the comparison with the chart', () => {
  test('finds nothing in the defaults of the API server, labels, and annotations of others', () => {
    assert.deepEqual(compareObject(RENDERED, ACTUAL), { changes: [], additions: [] });
  });

  for (const [{ title, ...operation }, path] of CHANGES) {
    test(`finds ${title}`, () => {
      const { changes } = compareObject(RENDERED, asObject(applyPatch(ACTUAL, [operation])));
      assert.equal(changes[0], path);
    });
  }

  test('finds additions that leave the rest as it is, in any order', () => {
    const actual = applyPatch(ACTUAL, [
      { op: 'add', path: '/webhooks/0/rules/0/operations/-', value: 'UPDATE' },
      { op: 'add', path: '/webhooks/0/rules/0', value: { apiGroups: ['apps'], operations: ['*'] } },
      { op: 'add', path: '/webhooks/0', value: { name: 'other' } },
    ]);
    assert.deepEqual(compareObject(RENDERED, asObject(actual)), {
      changes: [],
      additions: ['webhooks[pods].rules[0].operations[1]', 'webhooks[pods].rules[0]', 'webhooks[other]'],
    });
  });

  test('takes a rendered null for an absent or empty value', () => {
    const rendered = { kind: 'Secret', metadata: { name: 'tls', finalizers: null }, immutable: null };
    const metadata = { name: 'tls' };
    assert.deepEqual(compareObject(rendered, { metadata, immutable: false, data: { a: 'b' } }).changes, []);
    assert.deepEqual(
      compareObject(rendered, { metadata: { ...metadata, finalizers: ['a/b'] }, immutable: true }).changes,
      ['immutable', 'metadata.finalizers'],
    );
  });

  test('reports at most eight paths', () => {
    const rendered = {
      spec: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key-${index}`, 1])),
    };
    assert.equal(compareObject(rendered, {}).changes.length, 8);
  });
});

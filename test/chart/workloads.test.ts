// The webhooks that check workloads: which there are, and that they fail open.
import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { find, render, type Values } from './helm.ts';

const CUSTOM_KINDS = [
  { apiGroups: ['apps.kruise.io'], resources: ['clonesets'] },
  { apiGroups: ['argoproj.io'], resources: ['workflows', 'workflowtemplates'] },
];

const configuration = z.looseObject({
  webhooks: z.array(
    z.looseObject({
      name: z.string(),
      failurePolicy: z.string(),
      timeoutSeconds: z.number(),
      namespaceSelector: z.unknown().optional(),
      matchConditions: z.array(z.looseObject({ name: z.string() })).default([]),
      rules: z.array(z.looseObject({ apiGroups: z.array(z.string()), resources: z.array(z.string()) })),
    }),
  ),
});

function readWorkloadWebhooks(values: Values) {
  const { webhooks } = configuration.parse(find(render(values), 'ValidatingWebhookConfiguration'));
  return webhooks.filter(({ name }) => /^validate-(custom-)?workloads\./.test(name));
}

const ROWS = [
  {
    workloads: { customKinds: CUSTOM_KINDS },
    names: ['validate-workloads.eci-ram-role.io', 'validate-custom-workloads.eci-ram-role.io'],
  },
  { workloads: { action: 'Deny' }, names: ['validate-workloads.eci-ram-role.io'] },
  { workloads: { action: 'Off', customKinds: CUSTOM_KINDS }, names: [] },
  // To YAML a bare Off is false.
  { workloads: { action: false }, names: [] },
];

for (const { workloads, names } of ROWS) {
  test(`with workloads ${JSON.stringify(workloads)} there are ${names.length}`, () => {
    assert.deepEqual(
      readWorkloadWebhooks({ workloads }).map(({ name }) => name),
      names,
    );
  });
}

test('both wait a second at most, fail open, and skip what the validating webhook skips', () => {
  const excludedNamespaces = ['kube-system', 'sandbox'];
  const webhooks = readWorkloadWebhooks({
    workloads: { customKinds: CUSTOM_KINDS },
    validatingWebhook: { excludedNamespaces },
  });
  assert.equal(webhooks.length, 2);
  for (const { failurePolicy, timeoutSeconds, namespaceSelector, matchConditions } of webhooks) {
    assert.deepEqual([failurePolicy, timeoutSeconds], ['Ignore', 1]);
    assert.deepEqual(namespaceSelector, {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: excludedNamespaces },
      ],
    });
    assert.deepEqual(matchConditions.map(({ name }) => name).slice(0, 2), [
      'is-not-being-deleted',
      'has-no-controlling-owner',
    ]);
  }
});

test('the server is told which namespaces are not mutated, the very ones of that webhook', () => {
  const objects = render({ mutatingWebhook: { excludedNamespaces: ['kube-system', 'sandbox'] } });
  const [webhook] = configuration.parse(find(objects, 'MutatingWebhookConfiguration')).webhooks;
  const values = ['kube-system', 'sandbox', 'eci-ram-role-system'];
  assert.deepEqual(webhook?.namespaceSelector, {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }],
  });
  assert.match(JSON.stringify(find(objects, 'Deployment')), new RegExp(`"--unmutated-namespaces=${values}"`));
});

test('the server is told of the kinds whose own annotations become those of their pods', () => {
  const customKinds = [
    ...CUSTOM_KINDS,
    { apiGroups: ['tekton.dev'], resources: ['taskruns', 'pipelineruns'], ownMetadata: true },
  ];
  const deployment = JSON.stringify(find(render({ workloads: { customKinds } }), 'Deployment'));
  assert.deepEqual(deployment.match(/--own-metadata-kinds=[^"]*/g), [
    '--own-metadata-kinds=taskruns.tekton.dev',
    '--own-metadata-kinds=pipelineruns.tekton.dev',
  ]);
});

test('custom kinds are asked about in every version', () => {
  const custom = readWorkloadWebhooks({ workloads: { customKinds: CUSTOM_KINDS } })[1];
  assert.deepEqual(
    custom?.rules.map(({ apiGroups, resources, apiVersions }) => ({ apiGroups, resources, apiVersions })),
    CUSTOM_KINDS.map((kind) => ({ ...kind, apiVersions: ['*'] })),
  );
});

// What the values make of the creation lock: its policy, and a binding for each route.
import assert from 'node:assert/strict';
import test from 'node:test';
import { find, render } from './helm.ts';

const POLICY = 'eci-ram-role-webhook-creation-lock';
const BINDING = 'ValidatingAdmissionPolicyBinding';

const ROUTES = [
  { pods: 'Deny', podsStatus: 'Audit', bindings: [`${POLICY} Deny`, `${POLICY}-status Audit`] },
  { pods: 'Warn', podsStatus: 'Deny', bindings: [`${POLICY} Warn`, `${POLICY}-status Deny`] },
  { pods: 'Audit', podsStatus: 'Off', bindings: [`${POLICY} Audit`] },
  { pods: 'Off', podsStatus: 'Warn', bindings: [`${POLICY}-status Warn`] },
  { pods: 'Off', podsStatus: 'Off', bindings: [] },
  // To YAML a bare Off is false.
  { pods: false, podsStatus: false, bindings: [] },
  { pods: 'Deny', podsStatus: false, bindings: [`${POLICY} Deny`] },
  { pods: 'Deny', podsStatus: 'Deny', bindings: [`${POLICY} Deny`, `${POLICY}-status Deny`] },
];

for (const { pods, podsStatus, bindings } of ROUTES) {
  test(`binds the lock to pods ${pods} and pods/status ${podsStatus}`, () => {
    const ofLock = render({ creationLock: { pods, podsStatus } }).filter(({ metadata }) =>
      metadata.name.startsWith(POLICY),
    );
    const bound = ofLock
      .filter(({ kind }) => kind === BINDING)
      .map(({ metadata, spec }) => `${metadata.name} ${actionOf(spec)}`);
    assert.deepEqual(bound, bindings);
    const policies = ofLock.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    assert.equal(policies.length, bindings.length > 0 ? 1 : 0);
  });
}

test('holds everybody unless the values exempt somebody', () => {
  assert.doesNotMatch(JSON.stringify(find(render(), 'ValidatingAdmissionPolicy', POLICY)), /matchConditions/);
});

test('exempts names as they are, whatever they hold', () => {
  const creationLock = { exemptUsernames: ['it\'s "anna"', 'a\\<b>', '系统'], exemptGroups: ['{{ x }}'] };
  const { spec } = find(render({ creationLock }), 'ValidatingAdmissionPolicy', POLICY);
  const expressions = Object(spec).matchConditions.map(
    ({ expression }: { expression: string }) => expression,
  );
  assert.deepEqual(expressions, [
    String.raw`!(request.userInfo.username in ["it's \"anna\"","a\\\u003cb\u003e","系统"])`,
    '!request.userInfo.?groups.orValue([]).exists(group, group in ["{{ x }}"])',
  ]);
});

function actionOf(spec: unknown): string {
  return Object(spec).validationActions.join();
}

test('Bindings are refused while no replica answers, even where pods are not', () => {
  const { webhooks } = Object(
    find(render({ validatingWebhook: { failurePolicy: 'Ignore' } }), 'ValidatingWebhookConfiguration'),
  );
  const policies = Object.fromEntries(
    webhooks.map(({ name, failurePolicy }: Record<string, string>) => [name, failurePolicy]),
  );
  assert.equal(policies['validate-pods.eci-ram-role.io'], 'Ignore');
  assert.equal(policies['validate-bindings.eci-ram-role.io'], 'Fail');
});

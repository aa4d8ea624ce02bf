// Which delegations the chart renders; what the policy then does, the scenarios show on a real API server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { find, render } from './helm.ts';

const NAME = 'eci-ram-role-webhook-delegations';
const DELEGATION = { groups: ['a'], listNamePrefix: 'a-', namespaces: ['a', 'a-*'], roles: ['reader'] };

test('renders no policy without delegations', () => {
  assert.doesNotMatch(JSON.stringify(render()), new RegExp(NAME));
});

test('fails closed, and denies', () => {
  const manifests = render({ delegations: [DELEGATION] });
  assert.equal(Object(find(manifests, 'ValidatingAdmissionPolicy', NAME).spec).failurePolicy, 'Fail');
  assert.deepEqual(find(manifests, 'ValidatingAdmissionPolicyBinding', NAME).spec, {
    policyName: NAME,
    validationActions: ['Deny'],
  });
});

const ACCEPTED = [
  { name: 'two delegations of one prefix to the same groups', other: { namespaces: ['shared'] } },
  {
    name: 'prefixes that overlap, of the same groups in another order',
    other: { groups: ['b', 'a'], listNamePrefix: 'a-b-' },
    groups: ['a', 'b'],
  },
  { name: 'prefixes that do not overlap', other: { groups: ['b'], listNamePrefix: 'ab-' } },
  {
    name: "a namespace's ServiceAccounts",
    other: { groups: ['system:serviceaccounts:b'], listNamePrefix: 'b-' },
  },
];

for (const { name, other, groups = DELEGATION.groups } of ACCEPTED) {
  test(`accepts ${name}`, () => {
    const delegations = [
      { ...DELEGATION, groups },
      { ...DELEGATION, ...other },
    ];
    const { spec } = find(render({ delegations }), 'ValidatingAdmissionPolicy', NAME);
    assert.match(JSON.stringify(spec), /"is-by-a-member"/);
  });
}

// Teams that keep their own allowlists: what a delegation covers passes, whatever goes beyond it is refused in words that
// say what is wrong and what the team may write, and everybody else is let alone.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { type Attempt, attempt } from './support/kubectl-attempt.ts';
import { allowlist } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook } from './support/webhook-outage.ts';

const WRITER = `${RELEASE}-allowlist-writer`;
const COLLECTION = '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists';

const SPEC_PROPERTIES = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties';

const DELEGATIONS = [
  {
    groups: ['team-a'],
    listNamePrefix: 'team-a-',
    namespaces: ['team-a', 'team-a-*'],
    roles: ['team-a-reader', 'a.team-*'],
  },
  { groups: ['team-a'], listNamePrefix: 'team-a-', namespaces: ['shared'], roles: ['shared-reader'] },
  { groups: ['team-b'], listNamePrefix: 'team-b-', namespaces: ['team-b'], roles: ['team-b-*'] },
  {
    groups: ['system:serviceaccounts:team-c'],
    listNamePrefix: 'team-c-',
    namespaces: ['team-c'],
    roles: ['team-c-*'],
  },
];

const ANNA = ['--as=anna', '--as-group=team-a'];
const PIPELINE = ['--as=system:serviceaccount:team-c:pipeline'];
const BOTH = ['--as=anna', '--as-group=team-a', '--as-group=team-b'];
const ADMIN_OF_TEAM_A = [...ANNA, '--as-group=system:masters'];

const OWN = { namespaces: ['team-a'], roles: ['team-a-reader'] };
const MAY_NAME =
  'spec.namespaces: team-a may name, in a list of this name: team-a, team-a-*; or shared; found';
const MAY_GIVE = 'spec.roles: team-a may name, for these namespaces: team-a-reader, a.team-*; found';

type Case = Readonly<{ name: string; as?: readonly string[]; list?: string; spec: object }>;

const ACCEPTED: readonly Case[] = [
  { name: 'names in full', spec: OWN },
  { name: 'a delegated pattern as it is', spec: { namespaces: ['team-a-*'], roles: ['a.team-*'] } },
  { name: 'narrower patterns', spec: { namespaces: ['team-a-*-x', 'team-a-1*'], roles: ['a.team-*y*'] } },
  { name: 'names that a pattern covers', spec: { namespaces: ['team-a-1'], roles: ['a.team-x', 'a.team-'] } },
  { name: 'no roles', spec: { namespaces: ['team-a'], roles: [] } },
  { name: 'another delegation alone', spec: { namespaces: ['shared'], roles: ['shared-reader'] } },
  {
    name: "the team's own fields",
    spec: {
      ...OWN,
      ...{ defaultRole: 'team-a-reader', serviceAccounts: ['*'], injectInto: 'AllPods', contact: '#a' },
      ...{ reason: 'incident', expiresAt: '2099-01-01T00:00:00Z', violationAction: 'Deny' },
    },
  },
  {
    name: 'the lists of each team of a member of two',
    as: BOTH,
    list: 'team-b-1',
    spec: { namespaces: ['team-b'], roles: ['team-b-*'] },
  },
  {
    name: "a ServiceAccount of a team's namespace",
    as: PIPELINE,
    list: 'team-c-1',
    spec: { namespaces: ['team-c'], roles: ['team-c-x'] },
  },
];

const REFUSED: readonly (Case & Readonly<{ says: string }>)[] = [
  {
    name: 'a name without the prefix',
    list: 'payments',
    spec: OWN,
    says: 'metadata.name: team-a may create, change and delete lists named team-a-* alone, found "payments"',
  },
  { name: 'a name that is shorter than the prefix', list: 'team-a', spec: OWN, says: 'found "team-a"' },
  { name: "another team's name", list: 'team-b-x', spec: OWN, says: 'found "team-b-x"' },
  {
    name: 'a namespace selector',
    spec: { namespaceSelector: {}, roles: ['team-a-reader'] },
    says: 'spec.namespaceSelector: team-a may not set it; name the namespaces, of those delegated: team-a, team-a-*',
  },
  {
    name: 'a softer action',
    spec: { ...OWN, violationAction: 'Warn' },
    says: 'spec.violationAction: team-a may say Deny alone, found Warn',
  },
  { name: 'Strip', spec: { ...OWN, violationAction: 'Strip' }, says: 'may say Deny alone, found Strip' },
  {
    name: 'one strange namespace among its own',
    spec: { ...OWN, namespaces: ['team-a', 'payments', 'other'] },
    says: `${MAY_NAME} "payments"`,
  },
  {
    name: 'more namespaces than a list may have',
    spec: { ...OWN, namespaces: Array.from({ length: 33 }, (_, index) => `team-a-${index}`) },
    says: 'spec: team-a may name up to 32 namespaces and 64 roles in a list, found 33 and 1; split the list',
  },
  {
    name: 'more roles than a list may have',
    spec: { ...OWN, roles: Array.from({ length: 65 }, (_, index) => `a.team-${index}`) },
    says: 'in a list, found 1 and 65; split the list',
  },
  { name: 'all namespaces', spec: { ...OWN, namespaces: ['*'] }, says: `${MAY_NAME} "*"` },
  {
    name: 'a pattern that a name delegated in full begins',
    spec: { ...OWN, namespaces: ['team-a*'] },
    says: `${MAY_NAME} "team-a*"`,
  },
  {
    name: 'a pattern that reaches the prefix only after its asterisk',
    spec: { ...OWN, namespaces: ['*team-a'] },
    says: `${MAY_NAME} "*team-a"`,
  },
  {
    name: 'a pattern with an asterisk inside the prefix',
    spec: { ...OWN, namespaces: ['team*a-1'] },
    says: `${MAY_NAME} "team*a-1"`,
  },
  {
    name: 'a namespace that the one delegated begins',
    spec: { ...OWN, namespaces: ['team-ab'] },
    says: `${MAY_NAME} "team-ab"`,
  },
  { name: 'all roles', spec: { ...OWN, roles: ['*'] }, says: `${MAY_GIVE} "*"` },
  {
    name: 'a strange role',
    spec: { ...OWN, roles: ['team-a-reader', 'admin'] },
    says: `${MAY_GIVE} "admin"`,
  },
  { name: 'a role in another case', spec: { ...OWN, roles: ['A.team-x'] }, says: `${MAY_GIVE} "A.team-x"` },
  {
    name: 'a role in which a delegated dot is another character',
    spec: { ...OWN, roles: ['a-team-x'] },
    says: `${MAY_GIVE} "a-team-x"`,
  },
  {
    name: 'a pattern that a role delegated in full begins',
    spec: { ...OWN, roles: ['team-a-reader*'] },
    says: `${MAY_GIVE} "team-a-reader*"`,
  },
  {
    name: 'a role that was delegated for another namespace',
    spec: { ...OWN, roles: ['shared-reader'] },
    says: `${MAY_GIVE} "shared-reader"`,
  },
  {
    name: 'namespaces of two delegations at once',
    spec: { namespaces: ['team-a', 'shared'], roles: [] },
    says: 'found some of several delegations, so write a list for each',
  },
  {
    name: "another team's namespace to a member of both, in a list of the first's",
    as: BOTH,
    spec: { namespaces: ['team-b'], roles: ['team-b-x'] },
    says: 'spec.namespaces: team-a, team-b may name, in a list of this name: team-a, team-a-*; or shared; found "team-b"',
  },
  {
    name: "another team's lists to a ServiceAccount",
    as: PIPELINE,
    spec: OWN,
    says: 'metadata.name: system:serviceaccounts:team-c may create, change and delete lists named team-c-* alone',
  },
  {
    name: 'a member who is a cluster admin as well',
    as: ADMIN_OF_TEAM_A,
    list: 'payments',
    spec: OWN,
    says: 'metadata.name: ',
  },
];

suite('road: an allowlist written by a team with a delegation', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster({ delegations: DELEGATIONS });
    await refusedInTime(ADMIN_OF_TEAM_A, allowlist('payments', OWN));
    await cluster.kubectl([
      ...['create', 'clusterrolebinding', 'team-lists', `--clusterrole=${WRITER}`],
      ...['--group=team-a', '--group=team-b', '--serviceaccount=team-c:pipeline'],
    ]);
    await cluster.apply([
      allowlist('payments', { namespaces: ['payments'], roles: ['*'] }),
      allowlist('team-a-wide', { namespaces: ['*'], roles: ['*'] }),
    ]);
    await waitFor(
      'the right to write',
      async () => (await create(ANNA, allowlist('team-a-1', OWN))).succeeded,
    );
  });

  after(() => cluster?.stop());

  const create = (as: readonly string[], list: object): Promise<Attempt> =>
    attempt(cluster, ['create', '--dry-run=server', ...as, '-f', '-'], [list]);

  const refusedInTime = (as: readonly string[], list: object) =>
    waitFor('the policy to count', async () => (await create(as, list)).error.includes('-delegations'));

  async function refused(args: readonly string[], says: string, objects: readonly object[] = []) {
    const { succeeded, error } = await attempt(cluster, args, objects);
    assert.equal(succeeded, false);
    assert.ok(error.includes(says), error);
  }

  test('the policy has no expression that the API server has doubts about', async () => {
    const path = ['-o', 'jsonpath={.status}'];
    const policy = ['get', 'validatingadmissionpolicy', `${RELEASE}-delegations`, ...path];
    const status = await waitFor('the type check', async () => {
      const found = await cluster.kubectl(policy);
      return found.includes('typeChecking') && found;
    });
    assert.deepEqual(JSON.parse(status).typeChecking, {});
  });

  for (const { name, as = ANNA, list = 'team-a-1', spec } of ACCEPTED) {
    test(`accepts ${name}`, async () => {
      const { succeeded, error } = await create(as, allowlist(list, spec));
      assert.ok(succeeded, error);
    });
  }

  for (const { name, as = ANNA, list = 'team-a-1', spec, says } of REFUSED) {
    test(`refuses ${name}`, () => refused(['create', ...as, '-f', '-'], says, [allowlist(list, spec)]));
  }

  test('judges a generated name', async () => {
    const named = (generateName: string) => ({ ...allowlist('', OWN), metadata: { generateName } });
    assert.ok((await create(ANNA, named('team-a-'))).succeeded);
    await refused(['create', ...ANNA, '-f', '-'], 'lists named team-a-* alone, found "pay', [named('pay-')]);
  });

  test('refuses to change a list of another, even what is not its spec', async () => {
    const says = 'found "payments"';
    await refused(['label', 'rral', 'payments', 'x=y', ...ANNA], says);
    const finalizer = ['--type=merge', '-p', '{"metadata":{"finalizers":["example.com/x"]}}'];
    await refused(['patch', 'rral', 'payments', ...finalizer, ...ANNA], says);
    await refused(['apply', '--server-side', '--force-conflicts', ...ANNA, '-f', '-'], says, [
      allowlist('payments', OWN),
    ]);
    await refused(['label', 'rral', 'payments', 'x=y', ...ADMIN_OF_TEAM_A], says);
  });

  test('judges what server-side apply creates', async () => {
    const applyPatch = ['apply', '--server-side', ...ANNA, '-f', '-'];
    await refused(applyPatch, 'found "strange"', [allowlist('strange', OWN)]);
    await refused(applyPatch, `${MAY_GIVE} "admin"`, [allowlist('team-a-1', { ...OWN, roles: ['admin'] })]);
  });

  test('judges what an update leaves, so that a list beyond the delegation can be narrowed alone', async () => {
    await refused(['label', 'rral', 'team-a-wide', 'x=y', ...ANNA], `${MAY_NAME} "*"`);
    const narrow = ['--type=merge', '--dry-run=server', '-p', JSON.stringify({ spec: OWN })];
    await cluster.kubectl(['patch', 'rral', 'team-a-wide', ...narrow, ...ANNA]);
  });

  test('judges deletion by the name of what is deleted, one by one and all at once', async () => {
    await refused(['delete', 'rral', 'payments', ...ANNA], 'found "payments"');
    await cluster.kubectl(['create', ...ANNA, '-f', '-'], {
      input: JSON.stringify(allowlist('team-a-1', OWN)),
    });
    await cluster.kubectl(['delete', 'rral', 'team-a-1', ...ANNA]);

    const all = ['delete', '--raw', COLLECTION];
    await refused([...all, ...ANNA], 'cannot deletecollection');
    await refused([...all, ...ADMIN_OF_TEAM_A], 'found "payments"');
    await cluster.apply([allowlist('team-a-1', OWN), allowlist('team-a-2', OWN)]);
    await cluster.kubectl(['label', 'rral', 'team-a-1', 'team-a-2', 'kept=no']);
    await cluster.kubectl(['delete', '--raw', `${COLLECTION}?labelSelector=kept`, ...ADMIN_OF_TEAM_A]);
    assert.deepEqual((await cluster.kubectl(['get', 'rral', '-o', 'name'])).split('\n').sort(), [
      'ramroleallowlist.eci-ram-role.io/payments',
      'ramroleallowlist.eci-ram-role.io/team-a-wide',
    ]);
  });

  test('the status is out of reach of the role that writes lists, and the server writes it as before', async () => {
    await cluster.apply([allowlist('team-a-2', OWN)]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'team-a-2', '--timeout=30s']);
    const patch = ['--subresource=status', '--type=merge', '-p', '{"status":{"conditions":[]}}'];
    await refused(['patch', 'rral', 'team-a-2', ...patch, ...ANNA], 'resource "ramroleallowlists/status"');
    const condition = { type: 'Ready', status: 'True', reason: 'Forged', message: 'x' };
    const conditions = [{ ...condition, lastTransitionTime: '2020-01-01T00:00:00Z' }];
    const forged = { ...allowlist('team-a-3', OWN), status: { conditions } };
    await cluster.kubectl(['create', ...ANNA, '-f', '-'], { input: JSON.stringify(forged) });
    await waitFor("the server's own word", async () => {
      const status = await cluster.kubectl(['get', 'rral', 'team-a-3', '-o', 'jsonpath={.status}']);
      return status.includes('"True"') && !status.includes('Forged');
    });
  });

  test('the garbage collector, and a writer who is in no such group, are let alone', async () => {
    const uid = await cluster.kubectl(['get', 'rral', 'team-a-3', '-o', 'jsonpath={.metadata.uid}']);
    const owner = { apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist', name: 'team-a-3', uid };
    const owned = { metadata: { name: 'owned', ownerReferences: [owner] } };
    await cluster.apply([{ ...allowlist('owned', { namespaces: ['*'], roles: ['*'] }), ...owned }]);
    await cluster.kubectl(['delete', 'rral', 'team-a-3', ...ANNA]);
    await cluster.kubectl(['wait', '--for=delete', 'rral', 'owned', '--timeout=30s']);
  });

  test('is judged while the webhook is down too', async () => {
    await bringWebhook(cluster, 'down');
    const beyond = { ...OWN, roles: ['payments-reader'] };
    await refused(['create', ...ANNA, '-f', '-'], `${MAY_GIVE} "payments-reader"`, [
      allowlist('team-a-down', beyond),
    ]);
    await cluster.kubectl(['create', ...ANNA, '-f', '-'], {
      input: JSON.stringify(allowlist('team-a-down', OWN)),
    });
    await bringWebhook(cluster, 'up');
  });

  test('the longest list against many delegations is judged within the budget', async () => {
    const entries = (prefix: string) => [
      ...Array.from({ length: 63 }, (_, index) => `${prefix}-${index}-name*`),
      `${prefix}-*`,
    ];
    const delegations = Array.from({ length: 20 }, (_, team) => ({
      groups: [team === 0 ? 'team-a' : 'many'],
      listNamePrefix: team === 0 ? 'team-a-' : 'many-',
      namespaces: entries(`many-${team}`),
      roles: entries(`role-${team}`),
      ...{ maxNamespaces: 256, maxRoles: 256 },
    }));
    await cluster.install({ delegations });
    const many = ['--as=mo', '--as-group=many', '--as-group=system:masters'];
    const list = (namespaces: string, roles: string, extra: string) =>
      allowlist('many-1', {
        namespaces: [...Array.from({ length: 255 }, (_, index) => `many-19-${namespaces}-${index}`), extra],
        roles: Array.from({ length: 256 }, (_, index) => `role-${roles}-${'x'.repeat(40)}-${index}`),
      });
    await refusedInTime(many, list('x', '19', 'payments'));
    const { error } = await create(many, list('x', '19', 'payments'));
    // Finding the one strange entry for the message takes more than the verdict, and may be given up.
    assert.match(error, /denied request: spec\.namespaces: /);
    const { succeeded, error: trouble } = await create(many, list('x', '19', 'many-19-last'));
    assert.ok(succeeded, trouble);
    assert.match((await create(many, list('x', '18', 'many-19-last'))).error, /found "role-18-x/);
  });

  test('refuses a field that it does not know, such as one of a later version', async () => {
    const patch = [{ op: 'add', path: `${SPEC_PROPERTIES}/future`, value: { type: 'string' } }];
    const crd = ['crd', 'ramroleallowlists.eci-ram-role.io', '--type=json', '-p', JSON.stringify(patch)];
    await cluster.kubectl(['patch', ...crd]);
    const list = allowlist('team-a-1', { namespaces: ['many-0-1'], roles: [], future: 'wider' });
    const { error } = await waitFor('the API server to keep the field', async () => {
      const attempted = await create(ANNA, list);
      return !attempted.error.includes('unknown field') && attempted;
    });
    assert.match(error, /denied request: spec\.future: team-a may not set it$/);
  });
});

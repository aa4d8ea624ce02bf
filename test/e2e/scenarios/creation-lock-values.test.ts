// What an admin may make of the creation lock: somebody whom it does not hold, and what it does on which route.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { readAuditLog } from './support/audit-log.ts';
import { type Attempt, attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';

const POLICY = `${RELEASE}-creation-lock`;
const ECI_PROFILE = 'system:serviceaccount:kube-system:eci-profile';
const ODD_NAME = 'it\'s "anna" \\ <x>';
const EXEMPT = { exemptUsernames: [ECI_PROFILE, ODD_NAME], exemptGroups: ['migration'] };
const REFUSAL = `annotation ${ROLE_ANNOTATION} cannot change after a pod is created`;
const FAILURE = 'validation.policy.admission.k8s.io/validation_failure';

/** By way of the pod, and of its status. */
const ROUTES = [
  { route: 'pods', flags: [] },
  { route: 'pods/status', flags: ['--subresource=status'] },
] as const;

const HELD = [
  { name: 'a cluster admin', as: [] },
  {
    name: 'another ServiceAccount of the namespace',
    as: ['--as=system:serviceaccount:kube-system:eci-profiler'],
  },
  { name: 'a user whom the name of an exempt group is', as: ['--as=migration'] },
  { name: 'a member of a group that the exempt one begins', as: ['--as=mo', '--as-group=migration-2'] },
  { name: 'a member of a group that is named as an exempt user', as: ['--as=mo', `--as-group=${ODD_NAME}`] },
];

const FREE = [
  { name: 'the exempt ServiceAccount', as: [`--as=${ECI_PROFILE}`] },
  { name: 'an exempt user whose name needs quoting', as: [`--as=${ODD_NAME}`] },
  { name: 'a member of the exempt group', as: ['--as=mo', '--as-group=others', '--as-group=migration'] },
];

suite('the values of the creation lock', () => {
  let cluster: WebhookCluster;
  let changes = 0;

  before(async () => {
    cluster = await acquireCluster({ creationLock: { pods: 'Deny', podsStatus: 'Deny', ...EXEMPT } });
    const roles = Array.from({ length: 40 }, (_, index) => `role-${index}`);
    await cluster.apply([
      namespace('payments'),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader', ...roles] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
    await waitFor('the pod', () => cluster.apply([pod('held', 'payments', 'reader')]));
    const rule = ['--verb=get,patch', '--resource=pods,pods/status'];
    await cluster.kubectl(['create', 'clusterrole', 'changes-pods', ...rule]);
    await cluster.kubectl([
      ...['create', 'clusterrolebinding', 'changes-pods', '--clusterrole=changes-pods'],
      '--group=system:authenticated',
    ]);
    await waitFor('the policy to count', async () => (await change([])).error.includes(REFUSAL));
  });

  after(() => cluster?.stop());

  /** Gives the pod a role it never had. */
  function change(flags: readonly string[]): Promise<Attempt> {
    const annotations = { [ROLE_ANNOTATION]: `role-${changes++}` };
    const patch = JSON.stringify({ metadata: { annotations } });
    return attempt(cluster, [
      'patch',
      'pod',
      'held',
      '-n',
      'payments',
      '--type=merge',
      '-p',
      patch,
      ...flags,
    ]);
  }

  const bindings = async () =>
    (
      await cluster.kubectl([
        'get',
        'validatingadmissionpolicies,validatingadmissionpolicybindings',
        '-o',
        'name',
      ])
    )
      .split('\n')
      .filter((name) => name.includes(POLICY));

  for (const { route, flags } of ROUTES) {
    for (const { name, as } of HELD) {
      test(`${route}: refuses a change by ${name}`, async () => {
        const { succeeded, error } = await change([...flags, ...as]);
        assert.equal(succeeded, false);
        assert.ok(error.includes(REFUSAL), error);
      });
    }

    for (const { name, as } of FREE) {
      test(`${route}: lets ${name} change the role`, async () => {
        const { succeeded, error, warnings } = await change([...flags, ...as]);
        assert.ok(succeeded, error);
        assert.deepEqual(warnings, []);
      });
    }
  }

  /** Of a pod that nobody judged, whose value would act on a terminal, or be none that the API server passes on. */
  const changeOdd = () =>
    attempt(cluster, [
      'annotate',
      'pod',
      'odd',
      '-n',
      'kube-system',
      '--overwrite',
      `${ROLE_ANNOTATION}=new`,
    ]);
  const SHOWN = `${REFUSAL}: it is "\ufffd[31mred\ufffd\ufffd${'x'.repeat(70)}"…; to run as another RAM role`;

  test('Deny shows whatever value there is, cut and in one clean line', async () => {
    await cluster.apply([pod('odd', 'kube-system', `\u001b[31mred\n\u202e${'x'.repeat(100)}`)]);
    const { error } = await changeOdd();
    assert.ok(error.includes(SHOWN), JSON.stringify(error));
  });

  test('the chart refuses an exemption while the injectors are not under Deny', async () => {
    await assert.rejects(
      cluster.install({ creationLock: EXEMPT, injectors: { action: 'Warn' } }),
      /creationLock\.exempt\w+: expected none while injectors\.action is Warn/,
    );
  });

  test('the policy has no expression that the API server has doubts about', async () => {
    const status = await cluster.kubectl([
      'get',
      'validatingadmissionpolicy',
      POLICY,
      '-o',
      'jsonpath={.status}',
    ]);
    assert.deepEqual(JSON.parse(status).typeChecking, {});
  });

  test('Warn admits, and says so to who did it', async () => {
    await cluster.install({ creationLock: { pods: 'Warn', podsStatus: 'Warn' } });
    for (const { flags } of ROUTES) {
      const { warnings } = await waitFor('a change to pass', async () => {
        const attempted = await change(flags);
        return attempted.succeeded && attempted;
      });
      assert.match(warnings.join(), new RegExp(`${POLICY}.*${RegExp.escape(REFUSAL)}: it is "`));
    }
    const { warnings } = await changeOdd();
    assert.ok(warnings.join().includes(SHOWN), JSON.stringify(warnings));
  });

  test('Audit admits in silence, and says so in the audit log', async () => {
    await cluster.install({ creationLock: { pods: 'Audit', podsStatus: 'Audit' } });
    for (const { route, flags } of ROUTES) {
      await waitFor('a change to pass in silence', async () => {
        const { succeeded, warnings } = await change([...flags, '--context=dev']);
        return succeeded && warnings.length === 0;
      });
      const { annotations = {} } = await waitFor('the audit event', () =>
        readAuditLog(cluster).findLast(
          ({ user, verb, objectRef }) =>
            user.username === 'dev' &&
            verb === 'patch' &&
            [objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/') === route,
        ),
      );
      assert.match(annotations[`${POLICY}/role-changed`] ?? '', /^"[\w-]+" to "role-\d+"$/);
      assert.match(
        annotations[FAILURE] ?? '',
        new RegExp(`${RegExp.escape(REFUSAL)}.*"validationActions":\\["Audit"\\]`),
      );
    }
  });

  for (const { pods, podsStatus, closed, open } of [
    { pods: 'Off', podsStatus: 'Deny', closed: ROUTES[1], open: ROUTES[0] },
    { pods: 'Deny', podsStatus: 'Off', closed: ROUTES[0], open: ROUTES[1] },
  ]) {
    test(`${open.route} at Off is open, and ${closed.route} stays as it is`, async () => {
      await cluster.install({ creationLock: { pods, podsStatus } });
      await waitFor(`${closed.route} to be closed`, async () =>
        (await change(closed.flags)).error.includes(REFUSAL),
      );
      await waitFor(`${open.route} to be open`, async () => {
        const { succeeded, warnings } = await change(open.flags);
        return succeeded && warnings.length === 0;
      });
      assert.equal((await bindings()).length, 2);
    });
  }

  test('both at Off leave no policy', async () => {
    await cluster.install({ creationLock: { pods: 'Off', podsStatus: 'Off' } });
    assert.deepEqual(await bindings(), []);
    for (const { flags } of ROUTES) {
      await waitFor('a change to pass', async () => (await change(flags)).succeeded);
    }
  });
});

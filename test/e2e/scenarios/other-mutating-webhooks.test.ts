// We are not the only mutating webhook of a cluster. Whatever another one writes into the annotation in the same creation,
// before or after ours, is decided like what a user wrote: by our mutating webhook when it is called again, and in the
// end by the validating one.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { auditOfPod } from './support/audit-log.ts';
import { attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import {
  type Operation,
  type OtherWebhook,
  type OtherWebhookOptions,
  startOtherWebhook,
} from './support/other-webhook.ts';
import { roleOf } from './support/pods.ts';
import { roleSettingPolicy } from './support/role-setting-policy.ts';
import { findVersion } from './support/served-resources.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook, unreachable } from './support/webhook-outage.ts';

const ROLE_PATH = `/metadata/annotations/${ROLE_ANNOTATION.replaceAll('/', '~1')}`;
const NAMESPACES = [
  'denying',
  'stripping',
  'insisting',
  'erasing',
  'marking',
  'earlier',
  'warning',
  'policed',
];
const BEFORE = { road: 'a mutating webhook that sorts before ours', name: 'aaa-other' };
const AFTER = { road: 'a mutating webhook that sorts after ours', name: 'zzz-other' };
/** These have no webhook: the API server applies them itself, before it calls any. */
const POLICY = { road: 'a MutatingAdmissionPolicy on the creation of pods' };
const UPDATE_POLICY = { road: 'a MutatingAdmissionPolicy on updates of pods' };
const POLICY_GROUP = 'admissionregistration.k8s.io';

suite('other mutating webhooks', () => {
  let cluster: WebhookCluster;
  const others: OtherWebhook[] = [];
  /** What the one before ours writes. */
  let role = '';
  /** In which the API server has MutatingAdmissionPolicies, if it has them. */
  let policyVersion: string | undefined;

  before(async () => {
    cluster = await acquireCluster();
    policyVersion = await findVersion(cluster.controlPlane.client, POLICY_GROUP, 'mutatingadmissionpolicies');
    const common = { roles: ['reader', 'writer'], defaultRole: 'reader' };
    await cluster.apply([
      ...NAMESPACES.map((name) => namespace(name)),
      ...['denying', 'erasing', 'marking', 'earlier', 'policed'].map((name) =>
        allowlist(name, { ...common, namespaces: [name] }),
      ),
      ...['stripping', 'insisting'].map((name) =>
        allowlist(name, { ...common, namespaces: [name], violationAction: 'Strip' }),
      ),
      allowlist('warning', { ...common, namespaces: ['warning'], violationAction: 'Warn' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(async () => {
    await Promise.all(others.map((other) => other.stop()));
    await cluster?.stop();
  });

  async function start(options: OtherWebhookOptions): Promise<OtherWebhook> {
    const other = await startOtherWebhook(cluster, options);
    others.push(other);
    return other;
  }

  /** Sets the annotation, as ACK's own webhook does from its eci-profile. */
  const setRole = (value: string) => (object: Readonly<{ metadata: { annotations?: object } }>) => {
    const create: Operation = { op: 'add', path: '/metadata/annotations', value: {} };
    const set: Operation = { op: 'add', path: ROLE_PATH, value };
    return object.metadata.annotations === undefined ? [create, set] : [set];
  };

  /** Names no role and has no marker, so that ours has no reason to change it. */
  const plainPod = (name: string, namespaceName: string) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: namespaceName } },
    spec: podTemplate(undefined).spec,
  });

  test(`${AFTER.road} and adds a role: our mutating webhook is called again, and refuses`, async () => {
    const other = await start({
      name: `${AFTER.name}-denying`,
      namespace: 'denying',
      change: setRole('admin'),
    });
    const { succeeded, error } = await attemptApply(cluster, plainPod('added', 'denying'));
    assert.equal(succeeded, false);
    assert.match(
      error,
      /webhook "mutate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
    );
    assert.equal(other.callsFor('added'), 1);
  });

  test('one that replaces an allowed role after ours is refused in the same way', async () => {
    const { error } = await attemptApply(cluster, pod('replaced', 'denying', 'writer'));
    assert.match(
      error,
      /webhook "mutate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
    );
  });

  test('under Strip its role is stripped, with one warning, and the audit log tells', async () => {
    await start({ name: `${AFTER.name}-stripping`, namespace: 'stripping', change: setRole('admin') });
    for (const [name, object] of Object.entries({
      added: pod('added', 'stripping', undefined),
      replaced: pod('replaced', 'stripping', 'writer'),
    })) {
      const { error, warnings } = await attemptApply(cluster, object);
      assert.equal(error, '');
      assert.deepEqual(warnings, [
        'RAM role "admin" is not allowed in namespace "stripping", annotation removed (violationAction: Strip), default role "reader" injected',
      ]);
      assert.equal(await roleOf(cluster, 'stripping', name), 'reader');
      assert.deepEqual(await auditOfPod(cluster, 'stripping', name), {
        'mutate-pods.eci-ram-role.io/stripped': 'admin',
        'mutate-pods.eci-ram-role.io/injected': 'reader',
        'validate-pods.eci-ram-role.io/decision': 'allow',
        'validate-pods.eci-ram-role.io/role': 'reader',
        'validate-pods.eci-ram-role.io/allowlist': 'stripping',
      });
    }
  });

  test('what the user named and what it then wrote are both stripped; the audit log keeps the first', async () => {
    const { error, warnings } = await attemptApply(cluster, pod('twice', 'stripping', 'owner'));
    assert.equal(error, '');
    assert.equal(warnings.length, 2, warnings.join('\n'));
    assert.match(warnings.join('\n'), /RAM role "owner" [\s\S]*RAM role "admin" /);
    assert.equal(await roleOf(cluster, 'stripping', 'twice'), 'reader');
    assert.equal(
      (await auditOfPod(cluster, 'stripping', 'twice'))['mutate-pods.eci-ram-role.io/stripped'],
      'owner',
    );
  });

  test('one that insists, called again after our strip, is refused by the validating webhook', async () => {
    const other = await start({
      ...{ name: `${AFTER.name}-insisting`, namespace: 'insisting', change: setRole('admin') },
      reinvocationPolicy: 'IfNeeded',
    });
    const { succeeded, error } = await attemptApply(cluster, pod('insisted', 'insisting', 'writer'));
    assert.equal(succeeded, false);
    assert.match(
      error,
      /webhook "validate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
    );
    assert.equal(other.callsFor('insisted'), 2);
  });

  test('one that removes the role after ours: the default takes its place', async () => {
    await start({
      ...{ name: `${AFTER.name}-erasing`, namespace: 'erasing' },
      change: ({ metadata }) =>
        metadata.annotations?.[ROLE_ANNOTATION] === undefined ? [] : [{ op: 'remove', path: ROLE_PATH }],
    });
    assert.equal((await attemptApply(cluster, pod('erased', 'erasing', 'writer'))).error, '');
    assert.equal(await roleOf(cluster, 'erasing', 'erased'), 'reader');
  });

  test('one that makes the pod an ECI pod after ours: the default is injected', async () => {
    await start({
      ...{ name: `${AFTER.name}-marking`, namespace: 'marking' },
      change: () => [{ op: 'add', path: '/metadata/labels', value: { 'alibabacloud.com/eci': 'true' } }],
    });
    assert.equal((await attemptApply(cluster, plainPod('marked', 'marking'))).error, '');
    assert.equal(await roleOf(cluster, 'marking', 'marked'), 'reader');
    assert.equal(
      (await auditOfPod(cluster, 'marking', 'marked'))['mutate-pods.eci-ram-role.io/injected'],
      'reader',
    );
  });

  test(`${BEFORE.road}: what it names is decided like what the user names`, async () => {
    role = 'writer';
    await start({
      ...{ name: `${BEFORE.name}-earlier`, namespace: 'earlier' },
      change: (object) => setRole(role)(object),
    });
    assert.equal((await attemptApply(cluster, pod('allowed', 'earlier', undefined))).error, '');
    assert.equal(await roleOf(cluster, 'earlier', 'allowed'), 'writer');
    role = 'admin';
    assert.match(
      (await attemptApply(cluster, pod('refused', 'earlier', 'writer'))).error,
      /webhook "mutate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
    );
    role = '';
    assert.equal((await attemptApply(cluster, pod('emptied', 'earlier', 'admin'))).error, '');
    assert.equal(await roleOf(cluster, 'earlier', 'emptied'), 'reader');
  });

  test('under Warn its role is admitted with one warning, however often we are called', async () => {
    await start({ name: `${AFTER.name}-warning`, namespace: 'warning', change: setRole('admin') });
    const { error, warnings } = await attemptApply(cluster, pod('warned', 'warning', 'writer'));
    assert.equal(error, '');
    assert.deepEqual(warnings, [
      'RAM role "admin" is not allowed in namespace "warning", admitted (violationAction: Warn)',
    ]);
    assert.deepEqual(await auditOfPod(cluster, 'warning', 'warned'), {
      'validate-pods.eci-ram-role.io/decision': 'warn',
      'validate-pods.eci-ram-role.io/role': 'admin',
      'validate-pods.eci-ram-role.io/allowlist': 'warning',
    });
  });

  /** Runs a test where the API server has MutatingAdmissionPolicies. Elsewhere it refuses one, so that the road is closed. */
  async function withPolicies(run: (apiVersion: string) => Promise<void>): Promise<void> {
    if (policyVersion !== undefined) {
      await run(policyVersion);
      return;
    }
    await assert.rejects(
      cluster.apply(roleSettingPolicy(`${POLICY_GROUP}/v1`, 'policed', 'admin')),
      /no matches for kind "MutatingAdmissionPolicy"/,
    );
  }

  const labelExisting = () =>
    attempt(cluster, ['label', '--overwrite', 'pod/existing', 'tier=backend', '-n', 'policed']);

  test(`${POLICY.road}: what it names is decided like what the user names`, () =>
    withPolicies(async (apiVersion) => {
      assert.equal((await attemptApply(cluster, plainPod('existing', 'policed'))).error, '');
      await cluster.apply(roleSettingPolicy(apiVersion, 'policed', 'admin'));
      const error = await waitFor('the policy to count', async () => {
        const { succeeded, error } = await attempt(
          cluster,
          ['create', '--dry-run=server', '-f', '-'],
          [plainPod('policed', 'policed')],
        );
        return succeeded ? undefined : error;
      });
      assert.match(
        error,
        /webhook "mutate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
      );
    }));

  test(`${UPDATE_POLICY.road} meets the creation lock`, () =>
    withPolicies(async () => {
      assert.match((await labelExisting()).error, /cannot change after a pod is created: it is ""/);
      assert.equal(await roleOf(cluster, 'policed', 'existing'), undefined);
    }));

  suite('where our mutating webhook cannot be called', () => {
    before(async () => {
      await lead('444');
      await waitFor('the API server to miss it', async () => !(await isInjected()));
    });

    after(async () => {
      await lead('443');
      await waitFor('the API server to find it', isInjected);
    });

    /** The Service has one port; another one is listened on by nobody. */
    function lead(port: string): Promise<string> {
      const path = '/webhooks/0/clientConfig/service/port';
      return cluster.kubectl([
        ...['patch', 'mutatingwebhookconfiguration', RELEASE, '--type=json'],
        ...['-p', JSON.stringify([{ op: 'replace', path, value: Number(port) }])],
      ]);
    }

    async function isInjected(): Promise<boolean> {
      const output = ['-o', 'jsonpath={.metadata.annotations}'];
      const { printed, error } = await attempt(
        cluster,
        ['create', '--dry-run=server', '-f', '-', ...output],
        [pod('injected', 'marking', undefined)],
      );
      assert.equal(error, '');
      return printed.includes('reader');
    }

    for (const name of ['denying', 'stripping']) {
      test(`the validating webhook refuses what another one adds, ${name}`, async () => {
        const { error } = await attemptApply(cluster, plainPod('unseen', name));
        assert.match(
          error,
          /webhook "validate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
        );
      });
    }

    test('a pod that names an allowed role, or none, starts', async () => {
      assert.equal((await attemptApply(cluster, pod('named', 'marking', 'writer'))).error, '');
      assert.equal((await attemptApply(cluster, pod('without', 'marking', undefined))).error, '');
      assert.equal(await roleOf(cluster, 'marking', 'named'), 'writer');
      assert.equal(await roleOf(cluster, 'marking', 'without'), undefined);
    });

    test('a role that is not allowed is refused by the validating webhook', async () => {
      const { error } = await attemptApply(cluster, pod('refused', 'marking', 'admin'));
      assert.match(
        error,
        /webhook "validate-pods\.eci-ram-role\.io" denied the request: RAM role "admin" is not allowed/,
      );
    });
  });

  suite('while no replica of ours is up', () => {
    before(async () => {
      role = 'writer';
      await bringWebhook(cluster, 'down');
    });

    const refusesRole = async (namespaceName: string) =>
      assert.match(
        (await attemptApply(cluster, plainPod('down', namespaceName))).error,
        unreachable('validate-pods'),
      );

    test(`${BEFORE.road}: the pod that it gives a role is refused`, () => refusesRole('earlier'));

    test(`${AFTER.road}: the pod that it gives a role is refused`, () => refusesRole('denying'));

    test(`${POLICY.road}: the pod that it gives a role is refused`, () =>
      withPolicies(() => refusesRole('policed')));

    test(`${UPDATE_POLICY.road} meets the creation lock as before`, () =>
      withPolicies(async () => {
        assert.match((await labelExisting()).error, /cannot change after a pod is created: it is ""/);
      }));

    test('what another one leaves without a role starts', async () => {
      role = '';
      assert.equal((await attemptApply(cluster, plainPod('down-without', 'earlier'))).error, '');
      assert.equal((await roleOf(cluster, 'earlier', 'down-without')) ?? '', '');
    });
  });
});

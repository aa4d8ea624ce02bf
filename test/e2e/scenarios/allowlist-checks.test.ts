// kubectl apply of an allowlist warns about mistakes that a schema cannot forbid; every allowlist is admitted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { waitFor } from '../harness/wait-for.ts';
import { attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace } from './support/manifests.ts';
import { listReplicas } from './support/replicas.ts';
import { NAMESPACE, RELEASE, startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

/** Those that Helm installs, together with the webhook. */
const INSTALLED = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [
    `installed-${index}`,
    { namespaces: [`installed-${index}`], roles: ['*'] },
  ]),
);

suite('checks of allowlists', () => {
  let cluster: WebhookCluster;
  let installMs: number;
  let lists = 0;

  before(async () => {
    cluster = await startBareCluster();
    const startedAt = performance.now();
    await cluster.install({ allowlists: INSTALLED });
    installMs = performance.now() - startedAt;
    await cluster.apply([
      namespace('payments', { team: 'payments' }),
      namespace('analytics'),
      namespace('billing'),
      namespace('reports'),
    ]);
    await apply('base', { namespaces: ['billing', 'later-*'], roles: ['writer'], defaultRole: 'writer' });
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'base', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  const apply = (name: string, spec: object) => attemptApply(cluster, allowlist(name, spec));

  /** Applies a list of its own and takes it away again. */
  async function warningsFor(spec: object): Promise<readonly string[]> {
    const name = `list-${lists++}`;
    const { succeeded, error, warnings } = await apply(name, spec);
    assert.ok(succeeded, error);
    await cluster.kubectl(['delete', 'rral', name]);
    return warnings;
  }

  test('an install with allowlists among its values is not delayed by them', (t) => {
    t.diagnostic(`${installMs} ms with ${Object.keys(INSTALLED).length} lists`);
    assert.ok(installMs < 30_000, `${installMs} ms`);
  });

  const cases: readonly Readonly<{ of: string; spec: object; warnings: readonly string[] }>[] = [
    {
      of: 'nothing, for an allowlist that is in order',
      spec: { namespaces: ['payments'], roles: ['reader', 'payments-*'] },
      warnings: [],
    },
    {
      of: 'protected roles',
      spec: {
        namespaces: ['analytics'],
        roles: ['KubernetesWorkerRole-*', 'KubernetesMasterRole-1'],
        defaultRole: 'KubernetesMasterRole-1',
      },
      warnings: [
        'spec.defaultRole "KubernetesMasterRole-1": protected role, so it is not injected and the allowlist is Invalid; use another role, or remove this field',
        'spec.roles[0] "KubernetesWorkerRole-*", spec.roles[1] "KubernetesMasterRole-1": protected role, which no allowlist can allow; remove this entry',
      ],
    },
    {
      of: 'any role, anywhere',
      spec: { namespaces: ['*'], roles: ['*'] },
      warnings: [
        'spec.roles[0] "*": allows every role that is not protected, including roles of other teams; name the roles, or use a prefix that only your roles have',
        'spec.namespaces[0] "*": selects every namespace, including future ones; name the namespaces that need these roles',
      ],
    },
    {
      of: 'an empty selector',
      spec: { namespaceSelector: {}, roles: ['reader'] },
      warnings: [
        'spec.namespaceSelector: empty, so it selects every namespace, including future ones; name the namespaces that need these roles',
      ],
    },
    {
      of: 'the legacy role of ACK',
      spec: { namespaces: ['payments'], roles: ['AliyunECIContainerGroupRole'] },
      warnings: [
        'spec.roles[0] "AliyunECIContainerGroupRole": allows AliyunECIContainerGroupRole, a legacy role with wide permissions; create a role with only the permissions that these pods need',
      ],
    },
    {
      of: 'the legacy role of ACK as a default, whatever the roles',
      spec: {
        namespaces: ['payments'],
        roles: ['Aliyun*'],
        defaultRole: 'AliyunECIContainerGroupRole',
      },
      warnings: [
        'spec.roles[0] "Aliyun*": allows AliyunECIContainerGroupRole, a legacy role with wide permissions; create a role with only the permissions that these pods need',
        'spec.defaultRole "AliyunECIContainerGroupRole": legacy role with wide permissions, injected into pods that name no role; create a role with only the permissions that these pods need',
      ],
    },
    {
      of: 'nothing, for a new action in a namespace that does not exist',
      spec: { namespaces: ['sooner'], roles: ['reader'], violationAction: 'Warn' },
      warnings: [],
    },
    {
      of: 'no names in a selector',
      spec: {
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['payments', 'analytics'] },
          ],
        },
        roles: ['reader'],
      },
      warnings: [],
    },
    {
      of: 'a namespace that is not checked',
      spec: { namespaces: ['kube-system'], roles: [], violationAction: 'Audit' },
      warnings: [
        'spec.namespaces[0] "kube-system": pods of this namespace are not checked (validatingWebhook.excludedNamespaces), so the entry has no effect; remove it',
      ],
    },
    {
      of: 'entries that count for nothing, or read like something else',
      spec: { namespaces: ['payments'], roles: ['payments-reader', 'payments-*', 'team-b-.*'] },
      warnings: [
        'spec.roles[0] "payments-reader": another entry matches all of it, so it has no effect; remove it',
        'spec.roles[2] "team-b-.*": reads like a regular expression, but a dot only matches a dot; remove the dot unless the names have it',
      ],
    },
    {
      of: 'patterns that anyone who can create namespaces can match',
      spec: { namespaces: ['billing', 'pay*'], roles: ['reader'] },
      warnings: [
        'spec.namespaces[1] "pay*": anyone who can create a matching namespace gets these roles; name the namespaces, unless only you can create namespaces',
      ],
    },
    {
      of: 'labels that anyone who can update a namespace can set',
      spec: { namespaceSelector: { matchLabels: { team: 'payments' } }, roles: ['reader'] },
      warnings: [
        'spec.namespaceSelector.matchLabels "team": anyone who can update a namespace can set or remove this label; use spec.namespaces, or the label kubernetes.io/metadata.name',
      ],
    },
    {
      of: 'a time that is over',
      spec: {
        namespaces: ['payments'],
        roles: ['reader'],
        reason: 'incident 4711',
        expiresAt: '2020-01-01T00:00:00Z',
      },
      warnings: [
        'spec.expiresAt "2020-01-01T00:00:00Z": in the past, so the allowlist allows nothing; set a later time, or delete the allowlist',
      ],
    },
    {
      of: 'nothing, if another allowlist keeps the namespace strict',
      spec: { namespaces: ['billing'], roles: ['reader'], violationAction: 'Audit' },
      warnings: [],
    },
  ];
  for (const { of, spec, warnings } of cases) {
    test(`warn about ${of}`, async () => {
      assert.deepEqual(await warningsFor(spec), warnings);
    });
  }

  test('warn about 256 roles in one line', async () => {
    const roles = Array.from({ length: 256 }, (_, index) => `KubernetesWorkerRole-${index}`);
    assert.deepEqual(await warningsFor({ namespaces: ['payments'], roles }), [
      'spec.roles[0] "KubernetesWorkerRole-0", spec.roles[1] "KubernetesWorkerRole-1" and 254 more: protected role, which no allowlist can allow; remove this entry',
    ]);
  });

  test('warn about a change, and not about an update that leaves the spec', async () => {
    const spec = { namespaces: ['analytics'], roles: ['*'] };
    await apply('changed', spec);
    const wide = /^spec\.roles\[0\] "\*": allows every role/;
    const softer =
      /^spec\.violationAction: changes from Deny to Audit: pods .* only appear in the audit log, unless/;
    const labelled = await attempt(cluster, ['label', 'rral', 'changed', 'a=b']);
    assert.deepEqual(labelled.warnings, []);
    const softened = await apply('changed', { ...spec, violationAction: 'Audit' });
    assert.equal(softened.warnings.length, 2);
    assert.match(softened.warnings[0] ?? '', softer);
    assert.match(softened.warnings[1] ?? '', wide);
    const stricter = await apply('changed', { ...spec, violationAction: 'Deny' });
    assert.equal(stricter.warnings.length, 1);
    assert.match(stricter.warnings[0] ?? '', wide);
  });

  test('warn about a change of the largest allowlist', async () => {
    const many = (prefix: string, length: number) =>
      Array.from({ length: 256 }, (_, index) => `${prefix}${index}`.padEnd(length, 'x'));
    const spec = {
      namespaces: many('n', 63),
      roles: many('r', 64),
      serviceAccounts: many('s', 253).slice(0, 64),
    };
    await apply('largest', spec);
    const { warnings } = await apply('largest', { ...spec, roles: ['*', ...spec.roles.slice(1)] });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^spec\.roles\[0\] "\*": allows every role/);
    const softer = await apply('largest', { ...spec, violationAction: 'Warn' });
    assert.equal(softer.warnings.length, 1);
    assert.match(softer.warnings[0] ?? '', /^spec\.violationAction: changes from Deny to Warn: /);
    const unchanged = await attempt(cluster, ['label', 'rral', 'largest', 'a=b']);
    assert.deepEqual(unchanged.warnings, []);
  });

  test('of several allowlists in one file give no warning about each other; their status reports it', async () => {
    const conditionOf = async (name: string) => {
      const { status } = JSON.parse(await cluster.kubectl(['get', 'rral', name, '-o', 'json']));
      return status?.conditions?.find(({ type }: { type: string }) => type === 'Ready') ?? {};
    };
    for (const round of Array.from({ length: 10 }).keys()) {
      const names = { strip: `a-${round}`, warn: `b-${round}` };
      const { succeeded, warnings } = await attemptApply(
        cluster,
        allowlist(names.strip, {
          ...{ namespaces: ['reports'], roles: ['one'], defaultRole: 'one', violationAction: 'Strip' },
        }),
        allowlist(names.warn, {
          ...{ namespaces: ['reports'], roles: ['two'], defaultRole: 'two', violationAction: 'Warn' },
        }),
      );
      assert.ok(succeeded);
      assert.deepEqual(warnings, []);
      const { reason, message } = await waitFor('the status', async () => {
        const condition = await conditionOf(names.warn);
        return condition.reason === 'Conflict' && condition;
      });
      assert.equal(reason, 'Conflict');
      assert.match(
        message,
        new RegExp(
          `^conflicts with allowlist ${names.strip}: .*; violationAction Warn does not count in namespace reports: allowlist ${names.strip} sets Strip$`,
        ),
      );
      await cluster.kubectl(['delete', 'rral', names.strip, names.warn]);
    }
  });

  test('do not warn about a namespace that is applied together with its allowlist', async () => {
    for (const index of Array.from({ length: 10 }).keys()) {
      const { succeeded, warnings } = await attemptApply(
        cluster,
        namespace(`fresh-${index}`),
        allowlist(`fresh-${index}`, { namespaces: [`fresh-${index}`], roles: ['reader'] }),
      );
      assert.ok(succeeded);
      assert.deepEqual(warnings, []);
    }
  });

  test('do not warn about the example that a platform team applies', async () => {
    const text = readFileSync(join(EXAMPLES, 'allowlist.yaml'), 'utf8');
    const { succeeded, warnings } = await attemptApply(
      cluster,
      ...parseAllDocuments(text).map((document) => document.toJS()),
    );
    assert.ok(succeeded);
    assert.deepEqual(warnings, []);
  });

  test('are counted as admissions', async () => {
    const replicas = await listReplicas(cluster);
    const count = async (decision: string) => {
      const counts = await Promise.all(
        replicas.map(({ metric }) => metric('decisions_total', { path: '/validate-allowlists', decision })),
      );
      return counts.reduce((total, count) => total + count, 0);
    };
    assert.ok((await count('allow')) > cases.length);
    assert.equal(await count('warn'), 0);
  });

  test('are left out while the webhook is down, and the allowlist is admitted at once', async () => {
    await cluster.kubectl(['scale', `deployment/${RELEASE}`, '-n', NAMESPACE, '--replicas=0']);
    await waitFor(
      'no pod of the webhook',
      async () => (await cluster.kubectl(['get', 'pods', '-n', NAMESPACE])) === '',
    );
    const startedAt = performance.now();
    const { succeeded, warnings } = await apply('down', { namespaces: ['*'], roles: ['*'] });
    assert.ok(succeeded);
    assert.deepEqual(warnings, []);
    assert.ok(performance.now() - startedAt < 5_000);
  });
});

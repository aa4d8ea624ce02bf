// Whoever applies an allowlist is told at once what a schema cannot say; no list is ever held up.
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

suite('warnings of allowlists', () => {
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

  test('an install with lists among its values is not held up by them', (t) => {
    t.diagnostic(`${installMs} ms with ${Object.keys(INSTALLED).length} lists`);
    assert.ok(installMs < 30_000, `${installMs} ms`);
  });

  const told: readonly Readonly<{ of: string; spec: object; warnings: readonly string[] }>[] = [
    {
      of: 'nothing, of a list that is as it should be',
      spec: { namespaces: ['payments'], roles: ['payments-reader', 'payments-*'] },
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
        'spec.defaultRole "KubernetesMasterRole-1": a protected role, so it is not injected and the list will be Invalid; name another role, or none',
        'spec.roles[0] "KubernetesWorkerRole-*", spec.roles[1] "KubernetesMasterRole-1": protected, which no list can open, so it has no effect; take it out',
      ],
    },
    {
      of: 'any role, anywhere',
      spec: { namespaces: ['*'], roles: ['*'] },
      warnings: [
        'spec.roles[0] "*": allows every role that is not protected, those of other teams and later ones too; name the roles, or a prefix that is yours alone',
        'spec.namespaces[0] "*": selects every namespace, those yet to be created too; name the namespaces that shall have these roles',
      ],
    },
    {
      of: 'an empty selector',
      spec: { namespaceSelector: {}, roles: ['reader'] },
      warnings: [
        'spec.namespaceSelector: empty, so it selects every namespace, those yet to be created too; name the namespaces that shall have these roles',
      ],
    },
    {
      of: 'the legacy role of ACK',
      spec: { namespaces: ['payments'], roles: ['AliyunECIContainerGroupRole'] },
      warnings: [
        'spec.roles[0] "AliyunECIContainerGroupRole": allows AliyunECIContainerGroupRole, a legacy role with wide permissions; make a role with what these pods need, and name that',
      ],
    },
    {
      of: 'another default for the same namespace',
      spec: { namespaces: ['billing'], roles: ['reader'], defaultRole: 'reader' },
      warnings: [
        'spec.defaultRole "reader": allowlist "base" has the default "writer" for namespace "billing" too; the other sorts first by name, so pods get "writer"; leave one of them out',
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
        'spec.roles[0] "Aliyun*": allows AliyunECIContainerGroupRole, a legacy role with wide permissions; make a role with what these pods need, and name that',
        'spec.defaultRole "AliyunECIContainerGroupRole": a legacy role with wide permissions, which pods that name none get; make a role with what these pods need, and name that',
      ],
    },
    {
      of: 'another default and a softer action for namespaces to come',
      spec: {
        namespaces: ['later-*', 'sooner'],
        roles: ['reader'],
        defaultRole: 'reader',
        violationAction: 'Warn',
      },
      warnings: [
        'spec.violationAction: namespace "sooner" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning; keep Deny unless you mean it',
        'spec.defaultRole "reader": allowlist "base" has the default "writer" for namespace "later-*" too; the other sorts first by name, so pods get "writer"; leave one of them out',
        'spec.namespaces[1] "sooner": there is no such namespace today, and whoever creates it gets these roles; check the name, or create the namespace first',
        'spec.namespaces[0] "later-*": matches no namespace today, and whoever creates one that it matches gets these roles; check the pattern, or name the namespaces',
      ],
    },
    {
      of: 'names in a selector that no namespace has',
      spec: {
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['payments', 'anlytics'] },
          ],
        },
        roles: ['reader'],
      },
      warnings: [
        'spec.namespaceSelector.matchExpressions[0] "anlytics": there is no such namespace today, and whoever creates it gets these roles; did you mean "analytics"?',
      ],
    },
    {
      of: 'nothing, of a softer action in an excluded namespace',
      spec: { namespaces: ['kube-system'], roles: [], violationAction: 'Audit' },
      warnings: [],
    },
    {
      of: 'namespaces that are not there, and patterns that others could match',
      spec: { namespaces: ['paymnets', 'staging-*', 'pay*'], roles: ['reader'] },
      warnings: [
        'spec.namespaces[0] "paymnets": there is no such namespace today, and whoever creates it gets these roles; did you mean "payments"?',
        'spec.namespaces[1] "staging-*": matches no namespace today, and whoever creates one that it matches gets these roles; check the pattern, or name the namespaces',
        'spec.namespaces[2] "pay*": whoever may create namespaces can create one that it matches, and so get these roles; name the namespaces, unless only you may create any',
      ],
    },
    {
      of: 'labels that anyone may set who may update a namespace',
      spec: { namespaceSelector: { matchLabels: { team: 'payments' } }, roles: ['reader'] },
      warnings: [
        'spec.namespaceSelector.matchLabels "team": whoever may update a namespace can set or remove this label, and so decides whether the list selects it; use namespaces, or the label kubernetes.io/metadata.name',
      ],
    },
    {
      of: 'a selector that selects nothing',
      spec: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'x' } }, roles: [] },
      warnings: [
        'spec.namespaceSelector: selects no namespace today; compare it with: kubectl get namespaces --show-labels',
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
        'spec.expiresAt "2020-01-01T00:00:00Z": over already, so the list allows nothing; give a later time, or delete the list',
      ],
    },
    {
      of: 'a namespace that was unlisted, and strict',
      spec: { namespaces: ['analytics'], roles: ['reader'], violationAction: 'Warn' },
      warnings: [
        'spec.violationAction: namespace "analytics" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning; keep Deny unless you mean it',
      ],
    },
    {
      of: 'nothing, of a softer list where another keeps the namespace strict',
      spec: { namespaces: ['billing'], roles: ['reader'], violationAction: 'Audit' },
      warnings: [],
    },
  ];
  for (const { of, spec, warnings } of told) {
    test(`tell of ${of}`, async () => {
      assert.deepEqual(await warningsFor(spec), warnings);
    });
  }

  test('tell of all of 256 roles in one line', async () => {
    const roles = Array.from({ length: 256 }, (_, index) => `KubernetesWorkerRole-${index}`);
    assert.deepEqual(await warningsFor({ namespaces: ['payments'], roles }), [
      'spec.roles[0] "KubernetesWorkerRole-0", spec.roles[1] "KubernetesWorkerRole-1" and 254 more: protected, which no list can open, so it has no effect; take it out',
    ]);
  });

  test('tell of a change, and not of an update that changes nothing a list says', async () => {
    const spec = { namespaces: ['analytics'], roles: ['*'] };
    await apply('changed', spec);
    const wide = /^spec\.roles\[0\] "\*": allows every role/;
    const softer = /^spec\.violationAction: namespace "analytics" goes from Deny to Audit/;
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

  test('tell of a change of the largest list there can be', async () => {
    const many = (prefix: string, length: number) =>
      Array.from({ length: 256 }, (_, index) => `${prefix}${index}`.padEnd(length, 'x'));
    const spec = {
      namespaces: many('n', 63),
      roles: many('r', 64),
      serviceAccounts: many('s', 253).slice(0, 64),
    };
    await apply('largest', spec);
    const { warnings } = await apply('largest', { ...spec, roles: ['*', ...spec.roles.slice(1)] });
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', /^spec\.roles\[0\] "\*": allows every role/);
    assert.match(
      warnings[1] ?? '',
      /^spec\.namespaces\[0\] "n0x+" and 255 more: there is no such namespace today/,
    );
    const unchanged = await attempt(cluster, ['label', 'rral', 'largest', 'a=b']);
    assert.deepEqual(unchanged.warnings, []);
  });

  test('say nothing of a namespace that is applied together with its list', async () => {
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

  test('say nothing of the example that a platform team applies', async () => {
    const text = readFileSync(join(EXAMPLES, 'allowlist.yaml'), 'utf8');
    const { succeeded, warnings } = await attemptApply(
      cluster,
      ...parseAllDocuments(text).map((document) => document.toJS()),
    );
    assert.ok(succeeded);
    assert.deepEqual(warnings, []);
  });

  test('are counted as what is allowed', async () => {
    const replicas = await listReplicas(cluster);
    const count = async (decision: string) => {
      const counts = await Promise.all(
        replicas.map(({ metric }) => metric('decisions_total', { path: '/validate-allowlists', decision })),
      );
      return counts.reduce((total, count) => total + count, 0);
    };
    assert.ok((await count('allow')) > told.length);
    assert.equal(await count('warn'), 0);
  });

  test('are left out while the webhook is down, and the list passes at once', async () => {
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

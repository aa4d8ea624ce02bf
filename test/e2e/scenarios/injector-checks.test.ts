// What injects the annotation beyond the reach of admission: ConfigMap eci-profile, which is there before the chart, and the
// Selectors of the open-source eci-profile, whose resource comes after it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { type Attempt, attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, ROLE_ANNOTATION } from './support/manifests.ts';
import { startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook } from './support/webhook-outage.ts';

const DOCUMENT = join(import.meta.dirname, '../../../docs/injector-checks.md');
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** An entry of ConfigMap eci-profile. */
function entry(name: string, role: string, labels: Readonly<Record<string, string>>): object {
  return {
    name,
    namespaceSelector: { matchLabels: labels },
    effect: { annotations: { [ROLE_ANNOTATION]: role } },
  };
}

function profile(selectors: unknown, data: Readonly<Record<string, string>> = {}): object {
  const text = typeof selectors === 'string' ? selectors : JSON.stringify(selectors);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'eci-profile', namespace: 'kube-system' },
    data: { ...data, selectors: text },
  };
}

function selector(
  name: string,
  spec: object,
  { version = 'v1', finalizers = [] as readonly string[] } = {},
): object {
  return {
    apiVersion: `eci.aliyun.com/${version}`,
    kind: 'Selector',
    metadata: { name, namespace: 'tenant', finalizers },
    spec,
  };
}

function selectorSpec(role: string, namespaceLabels?: object): object {
  return { namespaceLabels, effect: { annotations: { [ROLE_ANNOTATION]: role } }, policy: { fair: {} } };
}

/** As little of the resource as it takes to be written to, in both versions there have been of it. */
const SELECTOR_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'selectors.eci.aliyun.com' },
  spec: {
    group: 'eci.aliyun.com',
    names: { kind: 'Selector', plural: 'selectors', singular: 'selector', listKind: 'SelectorList' },
    scope: 'Namespaced',
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      },
    })),
  },
};

const OLD = entry('old', 'admin', { team: 'data' });
const GOOD = entry('spark', 'reader', { [NAME_LABEL]: 'payments' });
const DENIED =
  'selector "spark" of ConfigMap eci-profile sets RAM role "admin", which is not allowed in namespace "payments": no allowlist allows it for every ServiceAccount. Allowed: reader (allowlists: payments). Contact: #payments';

suite('injectors', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startBareCluster();
    await cluster.apply([
      namespace('payments', { team: 'money' }),
      namespace('payments-test', { team: 'money' }),
      namespace('analytics', { team: 'data' }),
      namespace('tenant'),
      profile([OLD], { vSwitchIds: 'vsw-1' }),
    ]);
    await cluster.install();
    await cluster.apply([
      allowlist('payments', { namespaces: ['payments'], roles: ['reader'], contact: '#payments' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
    await everywhereAdmitted(profile([GOOD]));
  });

  after(() => cluster?.stop());

  const dryRun = (object: object) => attempt(cluster, ['apply', '--dry-run=server', '-f', '-'], [object]);
  const apply = (object: object) => attemptApply(cluster, object);

  /** Waits until no replica refuses an edit, such as one that is still to end or has still to hear of a list. */
  async function everywhereAdmitted(object: object): Promise<void> {
    await waitFor('every replica to admit the edit', async () => {
      const all = await Promise.all(Array.from({ length: 6 }, () => dryRun(object)));
      return all.every(({ succeeded }) => succeeded);
    });
  }

  const deny = (message: string) =>
    new RegExp(
      `admission webhook "validate-injectors\\.eci-ram-role\\.io" denied the request: ${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
    );

  function assertAdmitted({ succeeded, error, warnings }: Attempt, expected: readonly RegExp[] = []): void {
    assert.ok(succeeded, error);
    assert.equal(warnings.length, expected.length, warnings.join('\n'));
    for (const [index, pattern] of expected.entries()) {
      assert.match(warnings[index] ?? '', pattern);
    }
  }

  suite('road: an edit of ConfigMap kube-system/eci-profile', () => {
    test('an edit of anything else of eci-profile passes without a word, whatever stood there before the chart', async () => {
      assertAdmitted(await apply(profile([OLD], { vSwitchIds: 'vsw-2' })));
    });

    test('an entry that stays as it was is warned of where another is added', async () => {
      assertAdmitted(await apply(profile([OLD, GOOD])), [
        /^selector "old" of ConfigMap eci-profile sets RAM role "admin", which is not allowed in namespace "analytics", as before this edit: no allowlist selects this namespace$/,
      ]);
    });

    test('an entry that is taken away is not', async () => {
      assertAdmitted(await apply(profile([GOOD])));
    });

    test('a developer sees which selector would set which role where, and what is allowed there', async () => {
      const { succeeded, error } = await apply(
        profile([entry('spark', 'admin', { [NAME_LABEL]: 'payments' })]),
      );
      assert.equal(succeeded, false);
      assert.match(error, deny(DENIED));
    });

    const refused = [
      {
        name: 'a namespace by its label',
        object: profile([entry('spark', 'reader', { team: 'money' })]),
        says: /sets RAM role "reader", which is not allowed in namespace "payments-test": no allowlist selects this namespace/,
      },
      {
        name: 'every namespace, having no selector',
        object: profile([{ name: 'all', effect: { annotations: { [ROLE_ANNOTATION]: 'reader' } } }]),
        says: /selector "all" .* sets RAM role "reader", which is not allowed in namespace "analytics": /,
      },
      {
        name: 'a namespace with a protected role',
        object: profile([entry('spark', 'KubernetesWorkerRole-1', { [NAME_LABEL]: 'payments' })]),
        says: /no allowlist can allow a protected role/,
      },
      {
        name: 'nothing yet with a protected role',
        object: profile([entry('spark', 'kubernetesworkerrole-1', { [NAME_LABEL]: 'later' })]),
        says: /RAM role "kubernetesworkerrole-1", which is not allowed in any namespace: no allowlist can allow a protected role; remove it/,
      },
      {
        name: 'kube-system alone with a protected role',
        object: profile([entry('spark', 'KubernetesMasterRole-1', { [NAME_LABEL]: 'kube-system' })]),
        says: /which is not allowed in any namespace: no allowlist can allow a protected role/,
      },
      {
        name: 'a namespace by fields in another case',
        object: profile([{ Name: 'spark', EFFECT: { Annotations: { [ROLE_ANNOTATION]: 'admin' } } }]),
        says: /data\.selectors\[0\]\.Name: expected no such field, found "Name"/,
      },
      {
        name: 'a namespace that is not there yet, by its name',
        object: profile([entry('spark', 'admin', { [NAME_LABEL]: 'later' })]),
        says: /sets RAM role "admin", which is not allowed in namespace "later", which does not exist yet: /,
      },
      {
        name: 'who knows what, being no JSON',
        object: profile('- name: spark'),
        says: /data\.selectors: expected a JSON list of selectors, found a text that is not JSON: the roles that it sets cannot be verified/,
      },
      {
        name: 'who knows what, having a key twice',
        object: profile('[{"effect":{},"effect":{}}]'),
        says: /found a duplicate key/,
      },
    ];
    for (const { name, object, says } of refused) {
      test(`an update is refused that reaches ${name}`, async () => {
        const { succeeded, error } = await apply(object);
        assert.equal(succeeded, false);
        assert.match(error, says);
      });
    }

    test('an entry that reaches nothing yet is told of', async () => {
      assertAdmitted(await dryRun(profile([entry('spark', 'admin', { team: 'later' })])), [
        /^selector "spark" of ConfigMap eci-profile matches no namespace today; a namespace that matches later gets RAM role "admin" even if it is not allowed there$/,
      ]);
    });

    test('binary selectors are refused, by whatever verb they come', async () => {
      const patch = JSON.stringify({ data: { selectors: null }, binaryData: { selectors: 'W10=' } });
      const { error } = await attempt(cluster, [
        'patch',
        'cm',
        'eci-profile',
        '-n',
        'kube-system',
        '--type=merge',
        '-p',
        patch,
      ]);
      assert.match(error, /binaryData\.selectors: expected nothing, found "W10="/);
    });

    test('an eci-profile without data is none, and gets them by an update', async () => {
      await cluster.kubectl(['delete', 'cm', 'eci-profile', '-n', 'kube-system']);
      assertAdmitted(await apply({ ...profile(''), data: undefined }));
      assert.equal((await apply(profile([OLD]))).succeeded, false);
      assertAdmitted(await apply(profile([GOOD])));
    });

    test('a creation is judged as an update is, a deletion not at all', async () => {
      await cluster.kubectl(['delete', 'cm', 'eci-profile', '-n', 'kube-system']);
      const { error } = await apply(profile([entry('spark', 'admin', { [NAME_LABEL]: 'payments' })]));
      const refusal = `admission webhook "validate-injectors.eci-ram-role.io" denied the request: ${DENIED}`;
      assert.equal(error, `Error from server (Forbidden): error when creating "STDIN": ${refusal}`);
      assert.ok(
        readFileSync(DOCUMENT, 'utf8').includes(refusal),
        'the text stands in docs/injector-checks.md',
      );
      assertAdmitted(await apply(profile([GOOD])));
    });
  });

  suite('road: a write of selectors.eci.aliyun.com', () => {
    test('the resource of Selectors may come after the chart', async () => {
      await cluster.apply([SELECTOR_CRD]);
      await cluster.kubectl([
        'wait',
        '--for=condition=Established',
        'crd/selectors.eci.aliyun.com',
        '--timeout=30s',
      ]);
      await waitFor('selectors', async () => (await dryRun(selector('none', {}))).succeeded);
    });

    test('a Selector that sets an allowed role passes', async () => {
      assertAdmitted(
        await apply(selector('good', selectorSpec('reader', { matchLabels: { [NAME_LABEL]: 'payments' } }))),
      );
    });

    const selectors = [
      {
        name: 'acts on another namespace than its own',
        object: selector('other', selectorSpec('admin', { matchLabels: { team: 'money' } })),
        says: /Selector "tenant\/other" sets RAM role "admin", which is not allowed in namespace "payments": /,
      },
      {
        name: 'confines itself by a field that its reader does not know',
        object: selector('odd', {
          ...selectorSpec('reader'),
          NamespaceLabels: { matchLabels: { [NAME_LABEL]: 'payments' } },
        }),
        says: /spec\.NamespaceLabels: expected no such field, found "NamespaceLabels"/,
      },
      {
        name: 'names no namespaces',
        object: selector('all', selectorSpec('reader')),
        says: /Selector "tenant\/all" sets RAM role "reader", which is not allowed in namespace "analytics": /,
      },
      {
        name: 'comes by an older version',
        object: selector('old', selectorSpec('admin'), { version: 'v1beta1' }),
        says: /Selector "tenant\/old" sets RAM role "admin"/,
      },
      {
        name: 'is changed to another role',
        object: selector('good', selectorSpec('admin', { matchLabels: { [NAME_LABEL]: 'payments' } })),
        says: /Selector "tenant\/good" sets RAM role "admin"/,
      },
      {
        name: 'has an effect of another shape',
        object: selector('odd', { effect: { annotations: [{ key: ROLE_ANNOTATION }] } }),
        says: /spec\.effect\.annotations: expected a map of texts, found a list of 1/,
      },
    ];
    for (const { name, object, says } of selectors) {
      test(`a Selector is refused that ${name}`, async () => {
        const { succeeded, error } = await apply(object);
        assert.equal(succeeded, false);
        assert.match(error, says);
      });
    }
  });

  test('under Warn all of it is admitted with a warning', async () => {
    await cluster.install({ injectors: { action: 'Warn' } });
    await everywhereAdmitted(profile([OLD]));
    assertAdmitted(await apply(profile([OLD])), [
      /^selector "old" .* not allowed in namespace "analytics": no allowlist selects this namespace$/,
    ]);
    assertAdmitted(
      await apply(selector('held', selectorSpec('admin'), { finalizers: ['example.com/held'] })),
      [/^Selector "tenant\/held" sets RAM role "admin", which is not allowed in namespace "analytics": /],
    );
    assertAdmitted(await apply(profile('x')), [
      /^data\.selectors: expected a JSON list .* cannot be verified; fix or remove it$/,
    ]);
    assertAdmitted(await apply(profile([OLD])), [/^selector "old"/]);
  });

  test('what is there is judged by a dry run of its creation, which tells and changes nothing', async () => {
    const shown = await cluster.kubectl(['get', 'cm', 'eci-profile', '-n', 'kube-system', '-o', 'json']);
    const judged = await attempt(cluster, ['create', '--dry-run=server', '-f', '-'], [JSON.parse(shown)]);
    assert.match(judged.warnings.join(), /^selector "old" .* sets RAM role "admin"/);
    assert.match(judged.error, /"eci-profile" already exists/);
    assert.equal(
      await cluster.kubectl(['get', 'cm', 'eci-profile', '-n', 'kube-system', '-o', 'json']),
      shown,
    );
    const list = await cluster.kubectl(['get', 'selectors.eci.aliyun.com', '-A', '-o', 'json']);
    const all = await attempt(cluster, ['create', '--dry-run=server', '-f', '-'], [JSON.parse(list)]);
    assert.match(all.warnings.join('\n'), /^Selector "tenant\/held" sets RAM role "admin"/);
  });

  test('while the webhook is down, edits of what is injected wait', async () => {
    await cluster.install();
    await bringWebhook(cluster, 'down');
    for (const object of [profile([GOOD]), selector('good', selectorSpec('reader')), selector('new', {})]) {
      const { succeeded, error } = await apply(object);
      assert.equal(succeeded, false);
      assert.match(error, /failed calling webhook "validate-injectors\.eci-ram-role\.io"/);
    }
  });

  test('while it is down, nothing else of them does', async () => {
    assertAdmitted(await apply(profile([OLD], { vSwitchIds: 'vsw-3' })));
    const unfinalized = ['patch', 'selectors.eci.aliyun.com', 'held', '-n', 'tenant', '--type=merge', '-p'];
    assertAdmitted(await attempt(cluster, [...unfinalized, '{"metadata":{"finalizers":null}}']));
    assertAdmitted(await attempt(cluster, ['delete', 'selectors.eci.aliyun.com', 'held', '-n', 'tenant']));
    assertAdmitted(await attempt(cluster, ['delete', 'cm', 'eci-profile', '-n', 'kube-system']));
  });

  test('while it is down, every other ConfigMap is written as ever, by controllers too', async () => {
    for (const [namespaceName, name] of [
      ['kube-system', 'leader'],
      ['tenant', 'eci-profile'],
      ['tenant', 'settings'],
    ]) {
      const metadata = { name, namespace: namespaceName };
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
      assertAdmitted(await apply({ ...map, data: { selectors: '1' } }));
      assertAdmitted(await apply({ ...map, data: { selectors: '2' } }));
    }
    await cluster.kubectl(['delete', 'cm', 'kube-root-ca.crt', '-n', 'tenant']);
    await waitFor(
      'kube-root-ca.crt',
      async () => (await attempt(cluster, ['get', 'cm', 'kube-root-ca.crt', '-n', 'tenant'])).succeeded,
    );
    await cluster.apply([namespace('new')]);
    await waitFor(
      'kube-root-ca.crt of a new namespace',
      async () => (await attempt(cluster, ['get', 'cm', 'kube-root-ca.crt', '-n', 'new'])).succeeded,
    );
  });

  test('under Off nothing is judged', async () => {
    await cluster.install({ injectors: { action: 'Off' } });
    assertAdmitted(await apply(profile([OLD])));
    assertAdmitted(await apply(selector('any', selectorSpec('admin'))));
  });
});

// Allowlists enforced by ValidatingAdmissionPolicies alone, as operators apply them and as developers see it; no webhook runs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Cluster, startCluster } from '../harness/start-cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { type AuditEvent, readAuditLog } from './support/audit-log.ts';
import { exportFile, exportLists } from './support/export-lists.ts';
import { type Attempt, attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';

const CRD = join(import.meta.dirname, '../../../charts/eci-ram-role-webhook/crds/ramroleallowlists.yaml');

const labelled = (matchExpressions: readonly object[]) => ({
  namespaceSelector: { matchExpressions },
  roles: [],
});

const LISTS = [
  allowlist('payments', {
    ...{ namespaces: ['payments'], roles: ['payments-reader', 'payments-*'], contact: '#platform-payments' },
    ...{ serviceAccounts: ['default'], defaultRole: 'payments-reader' },
  }),
  allowlist('stripping', { namespaces: ['stripping'], roles: [], violationAction: 'Strip' }),
  allowlist('warning', { namespaces: ['warning'], roles: ['reader'], violationAction: 'Warn' }),
  allowlist('auditing', { namespaces: ['auditing'], roles: ['reader'], violationAction: 'Audit' }),
  allowlist('everything', { namespaces: ['*'], roles: ['everyones'], violationAction: 'Audit' }),
  allowlist('labels', { namespaceSelector: { matchLabels: { team: 'labels' } }, roles: ['labelled'] }),
  allowlist('in', labelled([{ key: 'tier', operator: 'In', values: ['a', 'b'] }])),
  allowlist(
    'not-in',
    labelled([
      { key: 'tier', operator: 'NotIn', values: ['a', 'b', 'c', ''] },
      { key: 'tested', operator: 'Exists' },
    ]),
  ),
  allowlist('exists', labelled([{ key: 'example.com/key', operator: 'Exists' }])),
  allowlist(
    'does-not-exist',
    labelled([
      { key: 'tier', operator: 'DoesNotExist' },
      { key: 'tested', operator: 'Exists' },
    ]),
  ),
];

/** Namespaces, their labels, and which of the lists that select by labels select them. */
const SELECTED = [
  { name: 'selected-a', labels: { tested: '', tier: 'a' }, by: ['in'] },
  { name: 'selected-c', labels: { tested: '', tier: 'c', 'example.com/key': '' }, by: ['exists'] },
  { name: 'selected-d', labels: { tested: '', tier: 'd' }, by: ['not-in'] },
  { name: 'selected-empty', labels: { tested: '', tier: '' }, by: [] },
  { name: 'selected-none', labels: { tested: '' }, by: ['does-not-exist', 'not-in'] },
  { name: 'selected-labels', labels: { team: 'labels' }, by: ['labels'] },
];

const KINDS = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
const POLICY = 'eci-ram-role-allowlists';
const denial = (text: string, name = 'app') =>
  `Error from server (Forbidden): error when creating "STDIN": pods "${name}" is forbidden: ValidatingAdmissionPolicy '${POLICY}-deny' with binding '${POLICY}-deny' denied request: ${text}`;

suite('allowlists as ValidatingAdmissionPolicies', () => {
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster();
    await cluster.kubectl(['apply', '-f', CRD]);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
    await cluster.apply([
      ...['payments', 'stripping', 'warning', 'auditing', 'unlisted', 'limited', 'many-200'].map((name) =>
        namespace(name),
      ),
      ...SELECTED.map(({ name, labels }) => namespace(name, labels)),
      ...LISTS,
    ]);
  });

  after(() => cluster?.stop());

  const apply = (namespaceName: string, role: string, name = 'app'): Promise<Attempt> =>
    attemptApply(cluster, pod(name, namespaceName, role));

  const tryRole = (namespaceName: string, role: string): Promise<Attempt> =>
    attempt(cluster, ['create', '--dry-run=server', '-f', '-'], [pod('try', namespaceName, role)]);

  async function applyExport(yaml: string): Promise<void> {
    const { code, stderr } = await cluster.controlPlane.kubectl(['apply', '--server-side', '-f', '-'], {
      input: yaml,
    });
    assert.equal(code, 0, stderr);
  }

  test('come from the output of kubectl get, and report the fields that they do not support', async () => {
    const file = join(cluster.controlPlane.directory, 'from-the-cluster.yaml');
    writeFileSync(file, await cluster.kubectl(['get', 'ramroleallowlists', '-o', 'yaml']));
    const { yaml, told } = await exportFile(file);
    assert.equal(
      told,
      [
        'defaultRole is not injected; export --format mutating-admission-policy too: payments\n',
        'violationAction Strip becomes Deny, since a validating policy cannot remove an annotation: stripping\n',
        'a role of more than 1024 characters is denied under Warn and Audit too, since a comparison with protected roles costs too much\n',
      ].join(''),
    );
    await applyExport(yaml);
    await waitFor('the policies', async () => {
      const { error, warnings } = await tryRole('warning', 'KubernetesWorkerRole-1');
      const refused = error.includes(POLICY);
      return refused && (await tryRole('warning', 'writer')).warnings.length > 0 && warnings.length === 0;
    });
  });

  test('hold no expression that the API server finds wrong', async () => {
    for (const name of [`${POLICY}-deny`, `${POLICY}-warn`, `${POLICY}-audit`]) {
      const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${name}`;
      const status = await waitFor('the types to be checked', async () => {
        const { status } = await cluster.controlPlane.client.send<{ status?: { typeChecking?: object } }>(
          'GET',
          path,
        );
        return status?.typeChecking;
      });
      assert.deepEqual(status, {});
    }
  });

  test('admit an allowed role, and deny another in words that help', async () => {
    assert.equal((await apply('payments', 'payments-reader')).succeeded, true);
    assert.equal((await apply('payments', 'payments-x', 'app-2')).succeeded, true);
    assert.deepEqual(await apply('payments', 'admin', 'app-3'), {
      succeeded: false,
      printed: '',
      error: denial(
        'RAM role "admin" is not allowed in namespace "payments". Allowlists: everything, payments. Contact: #platform-payments',
        'app-3',
      ),
      warnings: [],
    });
  });

  test('deny a role that would be stripped', async () => {
    const { error } = await apply('stripping', 'admin');
    assert.match(
      error,
      /is not allowed in namespace "stripping"\. Allowlists: everything, stripping\. Contact: your cluster administrator$/,
    );
  });

  test('have kubectl print a warning under Warn', async () => {
    assert.deepEqual(await apply('warning', 'writer'), {
      succeeded: true,
      printed: 'pod/app created',
      error: '',
      warnings: [
        `Validation failed for ValidatingAdmissionPolicy '${POLICY}-warn' with binding '${POLICY}-warn': RAM role "writer" is not allowed in namespace "warning", admitted (violationAction: Warn). Allowlists: everything, warning. Contact: your cluster administrator`,
      ],
    });
  });

  /** What the audit log keeps of policies about the creation of a pod. */
  async function auditOf(
    namespaceName: string,
    name: string,
  ): Promise<readonly (readonly [string, string])[]> {
    return traceOf(
      await waitFor(`the audit event of ${name}`, () =>
        readAuditLog(cluster).find(isCreation(namespaceName, name)),
      ),
    );
  }

  test('leave their trace in the audit log alone under Audit', async () => {
    assert.deepEqual(await apply('auditing', 'writer'), {
      ...{ succeeded: true, printed: 'pod/app created', error: '' },
      warnings: [],
    });
    const [[key, value] = ['', '[]'], ...others] = await auditOf('auditing', 'app');
    assert.equal(key, 'validation.policy.admission.k8s.io/validation_failure');
    const [{ message, policy, validationActions }] = JSON.parse(value);
    assert.deepEqual(
      { policy, validationActions },
      { policy: `${POLICY}-audit`, validationActions: ['Audit'] },
    );
    assert.match(message, /^RAM role "writer" is not allowed in namespace "auditing"\. Allowlists: /);
    assert.deepEqual(others, []);
  });

  for (const { name, by } of SELECTED) {
    test(`select ${name} by the labels of its namespace: ${by.join(', ') || 'none'}`, async () => {
      const { error, succeeded } = await tryRole(name, 'nobodys');
      const [, selecting = ''] = /Allowlists: (.*?)\. /.exec(error) ?? [];
      assert.equal(succeeded, by.length === 0);
      assert.equal(selecting, succeeded ? '' : [...by, 'everything'].sort().join(', '));
    });
  }

  test('allow by the labels of a namespace', async () => {
    assert.equal((await tryRole('selected-labels', 'labelled')).succeeded, true);
  });

  test('leave the excluded namespace alone, protected roles included', async () => {
    assert.equal((await tryRole('kube-system', 'KubernetesWorkerRole-1')).succeeded, true);
    assert.match(
      (await tryRole('unlisted', 'KubernetesWorkerRole-1')).error,
      /: no allowlist can allow a protected role\. Allowlists: everything\. Contact: /,
    );
  });

  test('hold for a break-glass list until it expires, with a trace of each use', async () => {
    const expiresAt = new Date(Date.now() + 12_000).toISOString().replace(/\.\d+/, '');
    const limited = { namespaces: ['limited'], roles: ['admin'], reason: 'incident 4711' };
    await applyExport(
      (await exportLists(cluster.controlPlane, [allowlist('incident', { ...limited, expiresAt })])).yaml,
    );
    await cluster.kubectl(['delete', KINDS, `${POLICY}-warn`, `${POLICY}-audit`]);
    const trace = [[`${POLICY}-deny/allowed-until`, `incident ${expiresAt}`]];
    await waitFor('this list alone to count', async () => {
      const { succeeded, warnings } = await tryRole('limited', 'admin');
      // Of a policy that is gone and still counts for a moment, the audit log alone tells.
      const last = readAuditLog(cluster).findLast(isCreation('limited', 'try'));
      return succeeded && warnings.length === 0 && isDeepStrictEqual(last && traceOf(last), trace);
    });
    assert.equal((await apply('limited', 'admin')).succeeded, true);
    assert.deepEqual(await auditOf('limited', 'app'), trace);

    const { error } = await waitFor('the list to expire', async () => {
      const attempt = await tryRole('limited', 'admin');
      return !attempt.succeeded && attempt;
    });
    assert.ok(Date.now() >= Date.parse(expiresAt));
    assert.match(
      error,
      new RegExp(`: the allowlist has expired \\(incident at ${expiresAt}\\)\\. Allowlists: incident\\.`),
    );
  });

  test('do not believe a pod that claims to be older', async () => {
    const young = pod('old', 'limited', 'admin');
    const old = {
      ...young,
      metadata: { ...Object(young).metadata, creationTimestamp: '2020-01-01T00:00:00Z' },
    };
    const { error } = await attempt(cluster, ['create', '-f', '-'], [old]);
    assert.match(error, /the allowlist has expired/);
  });

  test('hold the largest allowlist, with every pattern', async () => {
    const named = (count: number, length: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}-`.padEnd(length, 'x'));
    const [lastAccount = '', ...accounts] = named(64, 253, 'account');
    const largest = allowlist('largest', {
      namespaces: [...named(255, 63, 'namespace'), 'limited'],
      roles: named(256, 64, 'role'),
      serviceAccounts: [...accounts, 'default'],
    });
    assert.notEqual(lastAccount, '');
    await applyExport((await exportLists(cluster.controlPlane, [largest])).yaml);
    await waitFor('the list', async () => (await tryRole('limited', 'role255-'.padEnd(64, 'x'))).succeeded);
    assert.match(
      (await tryRole('limited', 'role256-'.padEnd(64, 'x'))).error,
      /is not allowed in namespace "limited"\. Allowlists: largest\./,
    );
  });

  test('hold as many allowlists as can be, of which all select one namespace', async () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) =>
      allowlist(`team-${index}`, {
        namespaces: [`team-${index}`, `many-${index}*`, index < 600 ? '*-200' : 'many-200'],
        roles: [`reader-${index}`, `writer-${index}-*`],
        contact: `#team-${index}`,
      }),
    );
    await applyExport((await exportLists(cluster.controlPlane, thousand)).yaml);
    await waitFor('the lists', async () => (await tryRole('many-200', 'reader-999')).succeeded);
    assert.match(
      (await tryRole('many-200', 'reader-1000')).error,
      /is not allowed in namespace "many-200"\. Allowlists: team-0, team-1, team-10, team-100, team-101, team-102, team-103, team-104, team-105, team-106 and 990 more\. Contact: #team-0, #team-1, #team-10$/,
    );
    assert.match(
      (await tryRole('limited', 'reader-999')).error,
      /is not allowed in namespace "limited": no allowlist selects this namespace\. Contact: your cluster administrator$/,
    );
    await assert.rejects(
      exportLists(cluster.controlPlane, [
        ...thousand,
        allowlist('one-more', { namespaces: ['a'], roles: [] }),
      ]),
      /expected up to 1000 allowlists, found 1001/,
    );
  });

  test('hold as many allowlists as can be stored of those that need a variable each, one of the year 0', async () => {
    const others = Array.from({ length: 74 }, (_, index) => `other-${index}-`.padEnd(63, 'x'));
    const long = Array.from({ length: 255 }, (_, index) =>
      allowlist(`long-${index}`, { namespaces: ['limited', ...others], roles: [`reader-${index}`] }),
    );
    const ancient = allowlist('ancient', {
      ...{ namespaces: ['limited'], roles: ['ancient'], reason: 'x', expiresAt: '0000-02-29T00:00:00Z' },
    });
    await applyExport((await exportLists(cluster.controlPlane, [...long, ancient])).yaml);
    await waitFor('the lists', async () => (await tryRole('limited', 'reader-254')).succeeded);
    assert.match((await tryRole('limited', 'reader-255')).error, /is not allowed in namespace "limited"\. /);
    assert.match(
      (await tryRole('limited', 'ancient')).error,
      /the allowlist has expired \(ancient at 0000-02-29T00:00:00Z\)/,
    );
  });

  test('hold the 600 patterns that cost most, beside as many allowlists as can be', async () => {
    // Each dot is three characters of a regular expression, and each character of it costs.
    const patternOf = (index: number) => `*a${index}${'.a'.repeat(126)}`.slice(0, 251).concat('*a');
    const allowlists = (patterns: number) => [
      ...Array.from({ length: Math.ceil(patterns / 60) }, (_, group) =>
        allowlist(`dear-${group}`, {
          namespaces: ['limited'],
          roles: ['reader'],
          serviceAccounts: Array.from({ length: Math.min(60, patterns - group * 60) }, (_, index) =>
            patternOf(group * 60 + index),
          ),
        }),
      ),
      ...Array.from({ length: 989 }, (_, index) =>
        allowlist(`small-${index}`, { namespaces: ['limited'], roles: [], contact: `#${index}` }),
      ),
    ];
    await assert.rejects(
      exportLists(cluster.controlPlane, allowlists(601)),
      /expected up to 600 patterns with a \* before their end, found 601/,
    );

    const account = 'a'.repeat(253);
    await cluster.kubectl(['-n', 'limited', 'create', 'serviceaccount', account]);
    await applyExport((await exportLists(cluster.controlPlane, allowlists(600))).yaml);
    await waitFor('the allowlists', async () =>
      (await tryRole('limited', 'nobodys')).error.includes('dear-0'),
    );
    const named = {
      metadata: { name: 'try', namespace: 'limited', annotations: { [ROLE_ANNOTATION]: 'r'.repeat(64) } },
    };
    const spec = { serviceAccountName: account, containers: [{ name: 'try', image: 'try' }] };
    const { error } = await attempt(
      cluster,
      ['create', '--dry-run=server', '-f', '-'],
      [{ ...named, apiVersion: 'v1', kind: 'Pod', spec }],
    );
    assert.match(
      error,
      /is not allowed in namespace "limited"\. Allowlists: dear-0, .* and 989 more\. Contact: /,
    );
  });

  test('go with one command', async () => {
    await cluster.kubectl(['delete', KINDS, '--selector', `app.kubernetes.io/name=${POLICY}`]);
    await waitFor(
      'nothing to be denied',
      async () => (await tryRole('limited', 'KubernetesWorkerRole-1')).succeeded,
    );
  });
});

function isCreation(namespaceName: string, name: string): (event: AuditEvent) => boolean {
  return ({ verb, objectRef }) =>
    verb === 'create' &&
    objectRef?.namespace === namespaceName &&
    objectRef.name === name &&
    !objectRef.subresource;
}

/** What an event keeps of policies. */
function traceOf({ annotations = {} }: AuditEvent): readonly (readonly [string, string])[] {
  return Object.entries(annotations).filter(([key]) => /^validation|^eci-ram/.test(key));
}

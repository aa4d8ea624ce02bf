import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { runCommand } from '../../../builders/command-line.ts';
import { ROLE_KEY, templateOf } from '../../../builders/workload.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const NAMESPACES = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'labelled', labels: { team: 'a' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } },
];

const allowlist = (name: string, spec: object) => ({
  apiVersion: 'eci-ram-role.io/v1alpha1',
  kind: 'RamRoleAllowlist',
  metadata: { name },
  spec,
});

const ALLOWLISTS = [
  allowlist('payments', {
    namespaces: ['payments'],
    roles: ['reader', 'writer'],
    defaultRole: 'reader',
    contact: '#payments',
  }),
  allowlist('batch', { namespaces: ['payments'], roles: ['exporter'], serviceAccounts: ['batch'] }),
  allowlist('stripping', {
    namespaces: ['stripping'],
    roles: ['reader'],
    defaultRole: 'reader',
    violationAction: 'Strip',
  }),
  allowlist('warning', { namespaces: ['warning'], roles: ['reader'], violationAction: 'Warn' }),
  allowlist('auditing', { namespaces: ['auditing'], roles: ['reader'], violationAction: 'Audit' }),
  allowlist('labels', { namespaceSelector: { matchLabels: { team: 'a' } }, roles: ['reader'] }),
];

const WORKLOADS = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  ReplicationController: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
} as const;

function workload(kind: keyof typeof WORKLOADS, namespace: string, template: object) {
  const spec = { template };
  return {
    apiVersion: WORKLOADS[kind],
    kind,
    metadata: { name: 'web', namespace },
    spec: kind === 'CronJob' ? { jobTemplate: { spec } } : spec,
  };
}

const pod = (namespace: string | undefined, role: string | undefined, rest: object = {}) => {
  const { metadata, spec } = templateOf(role, rest);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', ...(namespace && { namespace }), ...metadata },
    spec,
  };
};

/** Runs `check` on objects, each a document, beside the allowlists and the namespaces. */
async function check(t: TestContext, objects: readonly object[], flags: readonly string[] = []) {
  const directory = temporaryDirectory(t);
  const files = { objects, allowlists: ALLOWLISTS, namespaces: NAMESPACES };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, `${name}.yaml`), content.map((object) => stringify(object)).join('---\n'));
  }
  const file = (name: string) => join(directory, `${name}.yaml`);
  const ran = await runCommand([
    ...['check', '-f', file('objects'), '--allowlists', file('allowlists')],
    ...['--namespaces', file('namespaces'), '-o', 'json', ...flags],
  ]);
  const result = ran.stdout.startsWith('{') ? JSON.parse(ran.stdout) : undefined;
  return { ...ran, result, objects: result?.objects ?? [], directory };
}

const ECI = { labels: { 'alibabacloud.com/eci': 'true' } };

suite('check decides', () => {
  const pods = [
    {
      name: 'an allowed role',
      object: pod('payments', 'reader'),
      outcome: 'allow',
      roles: ['reader'],
      code: 0,
    },
    { name: 'a denied role', object: pod('payments', 'admin'), outcome: 'deny', roles: ['admin'], code: 1 },
    { name: 'no role', object: pod('payments', undefined), outcome: 'allow', roles: [], code: 0 },
    {
      name: 'a default role',
      object: pod('payments', undefined, ECI),
      outcome: 'inject',
      roles: ['reader'],
      code: 0,
    },
    {
      name: 'a default role beside null annotations',
      object: {
        ...pod('payments', undefined),
        metadata: { name: 'a', namespace: 'payments', annotations: null, ...ECI },
      },
      outcome: 'inject',
      roles: ['reader'],
      code: 0,
    },
    {
      name: 'a role that is stripped',
      object: pod('stripping', 'admin'),
      outcome: 'strip',
      roles: [],
      code: 0,
    },
    {
      name: 'a role that is stripped for the default',
      object: pod('stripping', 'admin', ECI),
      outcome: 'strip',
      roles: ['reader'],
      code: 0,
    },
    { name: 'a warning', object: pod('warning', 'admin'), outcome: 'warn', roles: ['admin'], code: 0 },
    { name: 'an audit', object: pod('auditing', 'admin'), outcome: 'audit', roles: ['admin'], code: 0 },
    {
      name: 'a namespace without an allowlist',
      object: pod('other', 'reader'),
      outcome: 'deny',
      roles: ['reader'],
      code: 1,
    },
    {
      name: 'a namespace selected by its labels',
      object: pod('labelled', 'reader'),
      outcome: 'allow',
      roles: ['reader'],
      code: 0,
    },
    {
      name: 'an excluded namespace',
      object: pod('kube-system', 'admin'),
      outcome: 'allow',
      roles: ['admin'],
      code: 0,
    },
    {
      name: 'the namespace of -n',
      object: pod(undefined, 'reader'),
      flags: ['-n', 'payments'],
      outcome: 'allow',
      roles: ['reader'],
      code: 0,
    },
    {
      name: 'the namespace default',
      object: pod(undefined, 'reader'),
      outcome: 'deny',
      roles: ['reader'],
      code: 1,
    },
    {
      name: 'a ServiceAccount that only the deprecated field names',
      object: pod('payments', 'exporter', { spec: { serviceAccount: 'batch' } }),
      outcome: 'allow',
      roles: ['exporter'],
      code: 0,
    },
    {
      name: 'an unmutated namespace',
      object: pod('stripping', 'admin'),
      flags: ['--unmutated-namespaces=stripping'],
      outcome: 'deny',
      roles: ['admin'],
      code: 1,
    },
    {
      name: 'an annotation that is no text',
      object: pod('payments', undefined, { annotations: { a: 5 } }),
      outcome: 'deny',
      roles: [],
      code: 1,
    },
  ];
  for (const { name, object, flags = [], outcome, roles, code } of pods) {
    test(`a pod: ${name}`, async (t) => {
      const { objects, code: exitCode, stderr } = await check(t, [object], flags);
      assert.equal(objects.length >= 1, true, stderr);
      assert.deepEqual([objects[0].outcome, objects[0].roles, exitCode], [outcome, roles, code]);
    });
  }

  for (const kind of Object.keys(WORKLOADS) as (keyof typeof WORKLOADS)[]) {
    test(`a ${kind}: by the pods of its template, with the message of the webhook`, async (t) => {
      const { objects, code } = await check(t, [
        workload(kind, 'payments', templateOf('admin')),
        workload(kind, 'payments', templateOf('reader')),
        workload(kind, 'payments', templateOf(undefined, ECI)),
        workload(kind, 'payments', templateOf('exporter', { spec: { serviceAccount: 'batch' } })),
        workload(kind, 'stripping', templateOf('admin', ECI)),
      ]);
      assert.equal(code, 1);
      assert.deepEqual(
        objects
          .slice(0, 5)
          .map(({ outcome, roles }: { outcome: string; roles: string[] }) => [outcome, roles]),
        [
          ['deny', ['admin']],
          ['allow', ['reader']],
          ['inject', ['reader']],
          ['allow', ['exporter']],
          ['strip', ['reader']],
        ],
      );
      assert.deepEqual(
        objects[0].findings.map(({ level, message }: { level: string; message: string }) => [level, message]),
        [
          [
            'denied',
            `pods of this ${kind} would be denied: RAM role "admin" is not allowed in namespace "payments". Allowed for ServiceAccount "default": reader, writer (allowlists: batch, payments). Contact: #payments`,
          ],
        ],
      );
      assert.match(
        objects[2].findings[0].message,
        /^pods of this \w+ name no RAM role and will get "reader", the default of allowlist "payments"$/,
      );
    });
  }

  const spark = (role: string) => ({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name: 'pi', namespace: 'payments' },
    spec: {
      driver: { annotations: { [ROLE_KEY]: 'reader' } },
      executor: { annotations: { [ROLE_KEY]: role } },
    },
  });

  test('a custom kind: by each role in it, at the line of the role', async (t) => {
    const { objects, code } = await check(t, [spark('admin')]);
    assert.equal(code, 1);
    const [{ outcome, roles, findings }] = objects;
    assert.deepEqual([outcome, roles], ['deny', ['reader', 'admin']]);
    assert.deepEqual(findings.length, 1);
    const [{ message, line, column, level }] = findings;
    assert.equal(
      message,
      'RAM role "admin" is not allowed in namespace "payments", pods of this SparkApplication will be denied (at spec.executor.annotations)',
    );
    assert.deepEqual([level, line, column], ['denied', 12, 41]);
    assert.equal((await check(t, [spark('writer')])).code, 0);
  });

  test('a role that is too long to be shown, at its line', async (t) => {
    const { objects } = await check(t, [pod('payments', 'r'.repeat(100))]);
    const [{ message, line, column }] = objects[0].findings;
    assert.match(message, /^RAM role "r{80}"… is not a RAM role name: a role name has at most 64 characters/);
    assert.deepEqual([line, column], [8, 39]);
  });

  test('a role that is no text, at its line', async (t) => {
    const object = pod('payments', undefined, { annotations: { [ROLE_KEY]: 5 } });
    const { objects } = await check(t, [object]);
    const [{ message, line, column }] = objects[0].findings;
    assert.match(message, /^cannot read this pod: metadata\.annotations\[.*\]: expected a string, found 5$/);
    assert.deepEqual([line, column], [8, 39]);
  });

  test('an injector, and what its author must see of an allowlist', async (t) => {
    const selectors = JSON.stringify([
      {
        name: 's',
        namespaceLabels: { matchLabels: { 'kubernetes.io/metadata.name': 'payments' } },
        effect: { annotations: { [ROLE_KEY]: 'admin' } },
      },
    ]);
    const profile = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'eci-profile', namespace: 'kube-system' },
      data: { selectors },
    };
    const { objects, code } = await check(t, [profile]);
    assert.deepEqual([code, objects[0].kind, objects[0].outcome], [1, 'ConfigMap', 'deny']);
    const list = objects.find(({ name }: { name: string }) => name === 'labels');
    assert.match(list.findings[0].message, /^spec\.namespaceSelector\.matchLabels "team": /);
    assert.deepEqual([list.findings[0].level, list.namespace], ['warning', '']);
  });

  test('nothing else, and counts it', async (t) => {
    const { result, code } = await check(t, [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'b' } },
      {
        apiVersion: 'example.com/v1',
        kind: 'ClusterThing',
        metadata: { name: 'c' },
        spec: { annotations: { [ROLE_KEY]: 'x' } },
      },
    ]);
    assert.deepEqual([result.skipped, code], [{ Service: 2, ClusterThing: 1 }, 0]);
  });

  test('by allowlists and namespaces that stand among the manifests, below what they decide', async (t) => {
    const directory = temporaryDirectory(t);
    const all = [
      pod('team', 'late'),
      allowlist('late', { namespaceSelector: { matchLabels: { team: 'late' } }, roles: ['late'] }),
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', labels: { team: 'late' } } },
    ];
    writeFileSync(
      join(directory, 'list.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all }),
    );
    const { code, stdout, stderr } = await runCommand(['check', '-f', directory]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^admitted\tPod team\/a\tlate\tlate$/m);
  });

  test('the same allowlists once, if a directory of manifests has them too', async (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'lists.yaml'), stringify(ALLOWLISTS[0]));
    writeFileSync(join(directory, 'pod.yaml'), stringify(pod('payments', 'reader')));
    const argv = ['check', '-f', directory, '--allowlists', join(directory, 'lists.yaml')];
    assert.equal((await runCommand(argv)).code, 0);
  });
});

suite('check cannot use', () => {
  const bad = [
    {
      name: 'an allowlist with a problem',
      object: allowlist('bad', { namespaces: ['A'], roles: ['acs:ram::1:role/reader'] }),
      stderr: [
        /objects\.yaml:7:7: spec\.namespaces\[0\]: expected a namespace of .*, found "A"$/,
        /objects\.yaml:9:7: spec\.roles\[0\]: expected .*, found the ARN .*: use the role name "reader"$/,
      ],
    },
    {
      name: 'an allowlist whose kind is misspelt',
      object: { ...allowlist('bad', {}), kind: 'RamRoleAllowList' },
      stderr: [
        /objects\.yaml:2:7: kind: expected RamRoleAllowlist of eci-ram-role\.io\/v1alpha1, found "RamRoleAllowList"$/,
      ],
    },
  ];
  for (const { name, object, stderr } of bad) {
    test(`${name}: it decides nothing`, async (t) => {
      const ran = await check(t, [object]);
      assert.deepEqual([ran.code, ran.stdout], [2, '']);
      const lines = ran.stderr.trimEnd().split('\n');
      assert.equal(lines.length, stderr.length, ran.stderr);
      for (const [index, line] of stderr.entries()) {
        assert.match(lines[index] ?? '', line);
      }
    });
  }

  const mistyped = [
    { object: { ...pod('payments', 'reader'), kind: 'pod' }, message: 'kind: expected Pod, found "pod"' },
    {
      object: { ...workload('Deployment', 'a', {}), kind: 'Deploymnet' },
      message: 'kind: expected Deployment, found "Deploymnet"',
    },
    {
      object: { ...workload('Deployment', 'a', {}), apiVersion: 'apps/v1beta1' },
      message: 'apiVersion: expected apps/v1, found "apps/v1beta1"',
    },
  ];
  for (const { object, message } of mistyped) {
    test(`${message}: it decides the others`, async (t) => {
      const { code, result } = await check(t, [object, pod('payments', 'reader')]);
      assert.equal(code, 2);
      assert.deepEqual(
        result.problems.map((problem: { message: string }) => problem.message),
        [message],
      );
      assert.equal(result.objects[0].outcome, 'allow');
    });
  }

  const commandLines = [
    {
      argv: ['check'],
      line: '--filename: expected a file or directory, or - for standard input, found nothing',
    },
    {
      argv: ['check', '-f', 'x', '-o', 'xml'],
      line: '--output: expected text, json, junit, sarif, found "xml"',
    },
    {
      argv: ['check', '-f', 'x', '-n', 'A'],
      line: '--namespace: expected the name of a namespace, found "A"',
    },
    {
      argv: ['check', '-f', 'absent'],
      line: "absent: expected a file or directory that can be read, found ENOENT: no such file or directory, stat 'absent'",
    },
  ];
  for (const { argv, line } of commandLines) {
    test(`${argv.join(' ')}: ${line}`, async () => {
      assert.deepEqual(await runCommand(argv), { code: 2, stdout: '', stderr: `${line}\n` });
    });
  }

  test('a file of namespaces without one', async (t) => {
    const { directory } = await check(t, []);
    const file = join(directory, 'objects.yaml');
    writeFileSync(file, stringify(pod('payments', 'reader')));
    const { code, stderr } = await runCommand(['check', '-f', file, '--namespaces', file]);
    assert.deepEqual([code, stderr], [2, `${file}: expected Namespace objects, found none\n`]);
  });
});

suite('check notes', () => {
  test('that no allowlist is given', async (t) => {
    const { directory } = await check(t, [pod('payments', 'reader')]);
    const { code, stderr } = await runCommand(['check', '-f', join(directory, 'objects.yaml')]);
    assert.equal(code, 1);
    assert.match(stderr, /^note: no allowlist is given; /);
  });

  test('namespaces whose labels are not known, if an allowlist selects by labels', async (t) => {
    const { stderr, result } = await check(t, [pod('elsewhere', undefined)]);
    assert.match(stderr, /^note: the labels of these namespaces are not known, .*: elsewhere; name a file/);
    assert.equal(result.notes.length, 1);
  });
});

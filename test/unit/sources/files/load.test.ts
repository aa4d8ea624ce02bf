import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadAllowlists } from '../../../../src/sources/files/load.ts';
import { runToEnd } from '../../../../src/sources/time-slice.ts';
import { allowlistYaml } from '../../../builders/allowlist-yaml.ts';
import { expectProblem, expectValue } from '../../../builders/result.ts';

const HEAD = `apiVersion: eci-ram-role.io/v1alpha1
kind: RamRoleAllowlist
metadata:
  name: payments
`;
const GOOD = allowlistYaml();
const OBJECT = {
  apiVersion: 'eci-ram-role.io/v1alpha1',
  kind: 'RamRoleAllowlist',
  metadata: { name: 'payments' },
  spec: { namespaces: ['payments'], roles: ['payments-reader'] },
};

/** What `kubectl get -o yaml` adds to an object. */
const KUBECTL_GET = `apiVersion: v1
items:
- apiVersion: eci-ram-role.io/v1alpha1
  kind: RamRoleAllowlist
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"eci-ram-role.io/v1alpha1","kind":"RamRoleAllowlist"}
    creationTimestamp: "2026-11-25T10:00:00Z"
    generation: 3
    labels: {team: payments}
    managedFields:
    - apiVersion: eci-ram-role.io/v1alpha1
      fieldsType: FieldsV1
      fieldsV1:
        f:spec:
          .: {}
          f:roles: {}
      manager: kubectl
      operation: Update
      time: "2026-11-25T10:00:00Z"
    name: payments
    resourceVersion: "4711"
    uid: 0d5e2f1c-8a7b-4c3d-9e2f-1a2b3c4d5e6f
  spec:
    namespaces:
    - payments
    roles:
    - payments-reader
  status:
    conditions:
    - lastTransitionTime: "2026-11-25T10:00:00Z"
      message: ""
      observedGeneration: 3
      reason: Accepted
      status: "True"
      type: Ready
kind: List
metadata:
  resourceVersion: ""
`;

const BILLION_LAUGHS = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...[...'bcdefghi'].map((name, index) => {
    const aliases = Array(9).fill(`*${'abcdefgh'[index]}`).join(', ');
    return `${name}: &${name} [${aliases}]`;
  }),
].join('\n');

function load(files: Readonly<Record<string, string>>, protectedRoles: readonly string[] = []) {
  return runToEnd(
    loadAllowlists(
      Object.entries(files).map(([path, text]) => ({ path, text })),
      protectedRoles,
    ),
  );
}

function namesOf(files: Readonly<Record<string, string>>): readonly string[] | undefined {
  return expectValue(load(files)).allowlists.map(({ name }) => name);
}

suite('loadAllowlists takes', () => {
  for (const { title, text, names = ['payments'] } of [
    { title: 'YAML', text: GOOD },
    { title: 'JSON', text: JSON.stringify(OBJECT) },
    { title: 'JSON that is indented by tabs', text: JSON.stringify(OBJECT, null, '\t') },
    {
      title: 'several documents',
      text: `${GOOD}---\n${allowlistYaml({ name: 'b' })}`,
      names: ['payments', 'b'],
    },
    { title: 'documents between empty ones', text: `---\n# nothing\n---\n${GOOD}---\n---\nnull\n` },
    { title: 'the output of kubectl get -o yaml', text: KUBECTL_GET },
    {
      title: 'a RamRoleAllowlistList',
      text: JSON.stringify({ ...OBJECT, kind: 'RamRoleAllowlistList', items: [OBJECT] }),
    },
    { title: 'a List of nothing', text: '{"apiVersion":"v1","kind":"List","items":[]}', names: [] },
    {
      title: 'a RamRoleAllowlistList of nothing',
      text: '{"apiVersion":"eci-ram-role.io/v1alpha1","kind":"RamRoleAllowlistList","items":[]}',
      names: [],
    },
    { title: 'a byte order mark before YAML', text: `\u{FEFF}${GOOD}` },
    { title: 'a byte order mark before JSON', text: `\u{FEFF}${JSON.stringify(OBJECT)}` },
    { title: 'lines that end as on Windows', text: GOOD.replaceAll('\n', '\r\n') },
    {
      title: 'anchors and aliases',
      text: `${HEAD}spec:\n  namespaces: &names [payments]\n  roles: *names\n`,
    },
    { title: 'a directive of YAML 1.1', text: `%YAML 1.1\n---\n${GOOD}` },
  ]) {
    test(title, () => {
      assert.deepEqual(namesOf({ 'lists.yaml': text }), names);
    });
  }

  test('allowlists among objects of other kinds, which are counted by kind', () => {
    const others = 'apiVersion: v1\nkind: Namespace\n---\napiVersion: apps/v1\nkind: Deployment\n';
    const items = [
      { apiVersion: 'v1', kind: 'Namespace' },
      { ...OBJECT, metadata: { name: 'b' } },
    ];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { allowlists, otherKinds } = expectValue(load({ a: `${others}---\n${GOOD}`, b: list }));
    assert.deepEqual(
      allowlists.map(({ name }) => name),
      ['payments', 'b'],
    );
    assert.deepEqual(
      otherKinds,
      new Map([
        ['Namespace', 2],
        ['Deployment', 1],
      ]),
    );
  });

  test('a file of other kinds beside a file of allowlists', () => {
    assert.deepEqual(namesOf({ a: 'apiVersion: v1\nkind: Namespace\n', b: GOOD }), ['payments']);
  });

  test('an empty List beside a file of other kinds', () => {
    const list = '{"apiVersion":"v1","kind":"List","items":[]}';
    assert.deepEqual(namesOf({ a: 'apiVersion: v1\nkind: Namespace\n', b: list }), []);
  });

  test('the lists of all files, in the order of the files', () => {
    assert.deepEqual(
      namesOf({ 'a.yaml': allowlistYaml({ name: 'z' }), 'b.yaml': allowlistYaml({ name: 'a' }) }),
      ['z', 'a'],
    );
  });
});

const NAMESPACE =
  'a namespace of 1 to 63 lower-case letters, digits or -; * matches any number of characters';
const ROLE = 'a RAM role name of 1 to 64 letters, digits or . _ @ -; * matches any number of characters';
const SOME = 'an allowlist, or a List with items: [] for none';
const OURS = 'RamRoleAllowlist of eci-ram-role.io/v1alpha1';

suite('loadAllowlists, for one who knows the labels of namespaces,', () => {
  const loadWithLabels = (text: string) =>
    runToEnd(loadAllowlists([{ path: 'f', text }], ['root-*'], { labelsAreKnown: true }));

  test('takes a namespaceSelector', () => {
    const selector = '{matchLabels: {team: a}}';
    const { allowlists } = expectValue(
      loadWithLabels(`${HEAD}spec:\n  roles: []\n  namespaceSelector: ${selector}\n`),
    );
    assert.deepEqual(allowlists?.[0]?.spec.namespaceSelector, { matchLabels: { team: 'a' } });
  });

  test('tells all else that is wrong', () => {
    const problems = expectProblem(
      loadWithLabels(
        `${HEAD}spec:\n  roles: ['*']\n  namespaceSelector: {matchLabels: 1}\n  defaultRole: root-1\n`,
      ),
    );
    assert.deepEqual(problems, [
      'f:7:36: spec.namespaceSelector.matchLabels: expected a map of label keys to values, found 1',
      'f:8:16: spec.defaultRole: expected a role that is not protected (--protected-roles), found "root-1"',
    ]);
  });
});

suite('loadAllowlists tells', () => {
  for (const { title, text, problems } of [
    ...['', '# later\n', '---\n---\nnull\n'].map((text) => ({
      title: `a file without an object, because it may be truncated: ${JSON.stringify(text)}`,
      text,
      problems: [`f:1:1: (document): expected ${SOME}, found none`],
    })),
    {
      title: 'objects of other kinds alone, and nothing of what they hold',
      text: 'apiVersion: v1\nkind: Secret\ndata: {password: aHVudGVyMg==}\n',
      problems: [`f:1:1: (document): expected ${SOME}, found none`],
    },
    {
      title: 'a List of objects of other kinds alone',
      text: 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n',
      problems: [`f:1:1: (document): expected ${SOME}, found none`],
    },
    ...['RamRoleAllowList', 'RAMRoleAllowlist', 'RamRolesAllowlist', 'RamRoleAllowlists'].map((kind) => ({
      title: `the mistyped kind ${kind}`,
      text: GOOD.replace('RamRoleAllowlist', kind),
      problems: [`f:2:7: kind: expected ${OURS}, found "${kind}"`],
    })),
    {
      title: 'another kind of our group',
      text: `apiVersion: eci-ram-role.io/v1\nkind: Policy\n`,
      problems: [`f:2:7: kind: expected ${OURS}, found "Policy"`],
    },
    {
      title: 'our kind in another group, also as an item',
      text: `apiVersion: v1\nkind: List\nitems:\n- apiVersion: example.com/v1\n  kind: RamRoleAllowlist\n`,
      problems: ['f:4:15: items[0].apiVersion: expected eci-ram-role.io/v1alpha1, found "example.com/v1"'],
    },
    {
      title: 'our kind in a mistyped group',
      text: GOOD.replace('eci-ram-role.io', 'eci-ramrole.io'),
      problems: ['f:1:13: apiVersion: expected eci-ram-role.io/v1alpha1, found "eci-ramrole.io/v1alpha1"'],
    },
    {
      title: 'another kind in a mistyped group',
      text: 'apiVersion: eci-ramrole.io/v1alpha1\nkind: Allowlist\n',
      problems: [`f:2:7: kind: expected ${OURS}, found "Allowlist"`],
    },
    {
      title: 'a List in a List',
      text: 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: []\n',
      problems: [`f:5:9: items[0].kind: expected ${OURS}, found "List"`],
    },
    {
      title: 'our kind without an apiVersion',
      text: 'kind: RamRoleAllowlist\n',
      problems: ['f:1:1: apiVersion: expected eci-ram-role.io/v1alpha1, found nothing'],
    },
    {
      title: 'another version',
      text: GOOD.replace('v1alpha1', 'v1'),
      problems: ['f:1:13: apiVersion: expected eci-ram-role.io/v1alpha1, found "eci-ram-role.io/v1"'],
    },
    { title: 'a text', text: 'hello', problems: [`f:1:1: kind: expected ${OURS}, found nothing`] },
    { title: 'a bare list', text: '[1, 2]', problems: [`f:1:1: kind: expected ${OURS}, found nothing`] },
    {
      title: 'a List whose items are none',
      text: 'apiVersion: v1\nkind: List\nitems: 3\n',
      problems: ['f:3:8: items: expected a list of objects, found 3'],
    },
    {
      title: 'items of a List that are of another kind',
      text: 'apiVersion: v1\nkind: List\nitems:\n- 3\n- apiVersion: v1\n  kind: Pod\n- null\n',
      problems: [
        `f:4:3: items[0].kind: expected ${OURS}, found nothing`,
        `f:7:3: items[2].kind: expected ${OURS}, found nothing`,
      ],
    },
    {
      title: 'a field inside of an item of a List',
      text: KUBECTL_GET.replace('- payments-reader', '- payments reader'),
      problems: [`f:29:7: items[0].spec.roles[0]: expected ${ROLE}, found "payments reader"`],
    },
    {
      title: 'an unknown field of the spec, and the known one that was probably meant',
      text: allowlistYaml({ rest: '  role: x\n  allowedRoles: [x]\n' }),
      problems: [
        'f:8:9: spec.role: expected no such field, found "role": did you mean roles?',
        'f:9:17: spec.allowedRoles: expected no such field, found "allowedRoles"',
      ],
    },
    {
      title: 'a default that roles does not cover',
      text: allowlistYaml({ rest: '  defaultRole: other\n' }),
      problems: ['f:8:16: spec.defaultRole: expected a role that an entry of roles matches, found "other"'],
    },
    {
      title: 'a default that is protected',
      text: allowlistYaml({ roles: '["*"]', rest: '  defaultRole: root-1\n' }),
      problems: [
        'f:8:16: spec.defaultRole: expected a role that is not protected (--protected-roles), found "root-1"',
      ],
    },
    {
      title: 'bad globs, and the role name that an ARN holds',
      text: allowlistYaml({ namespaces: '["pay?"]', roles: '["acs:ram::1:role/payments-reader"]' }),
      problems: [
        `f:6:16: spec.namespaces[0]: expected ${NAMESPACE}, found "pay?"`,
        `f:7:11: spec.roles[0]: expected ${ROLE}, found the ARN "acs:ram::1:role/payments-reader": use the role name "payments-reader"`,
      ],
    },
    {
      title: 'neither of namespaces and namespaceSelector',
      text: `${HEAD}spec:\n  roles: []\n`,
      problems: [
        'f:6:3: spec.namespaces: expected exactly one of namespaces and namespaceSelector, found nothing',
      ],
    },
    {
      title: 'both of namespaces and namespaceSelector',
      text: allowlistYaml({ rest: '  namespaceSelector: {}\n' }),
      problems: [
        'f:6:15: spec.namespaces: expected exactly one of namespaces and namespaceSelector, found a list of 1',
        'f:8:22: spec.namespaceSelector: expected namespaces by name, since a file source does not know the labels of namespaces, found a selector',
      ],
    },
    {
      title: 'a namespaceSelector, for which a file knows no labels',
      text: `${HEAD}spec:\n  roles: []\n  namespaceSelector: {}\n`,
      problems: [
        'f:7:22: spec.namespaceSelector: expected namespaces by name, since a file source does not know the labels of namespaces, found a selector',
      ],
    },
    {
      title: 'what only files forbid beside what the schema forbids, in the order of the file',
      text: `${HEAD}spec:\n  roles: ['*']\n  nmae: x\n  namespaceSelector: {}\n  defaultRole: root-1\n`,
      problems: [
        'f:7:9: spec.nmae: expected no such field, found "nmae"',
        'f:8:22: spec.namespaceSelector: expected namespaces by name, since a file source does not know the labels of namespaces, found a selector',
        'f:9:16: spec.defaultRole: expected a role that is not protected (--protected-roles), found "root-1"',
      ],
    },
    {
      title: 'expiry without a reason, and a time that is none',
      text: allowlistYaml({ rest: '  expiresAt: tomorrow\n' }),
      problems: [
        'f:6:3: spec.reason: expected a reason, since expiresAt is set, found nothing',
        'f:8:14: spec.expiresAt: expected a time in UTC and whole seconds, such as 2026-12-01T18:00:00Z, found "tomorrow"',
      ],
    },
    {
      title: 'keys of every object as the unknown fields they are',
      text: allowlistYaml({ rest: '  __proto__: {x: 1}\n  constructor: 1\n' }),
      problems: [
        'f:8:14: spec.__proto__: expected no such field, found "__proto__"',
        'f:9:16: spec.constructor: expected no such field, found "constructor"',
      ],
    },
    {
      title: 'a value that an alias gives, where the alias stands',
      text: `${HEAD}spec:\n  namespaces: &names [a b]\n  roles: *names\n`,
      problems: [
        `f:6:23: spec.namespaces[0]: expected ${NAMESPACE}, found "a b"`,
        `f:7:10: spec.roles[0]: expected ${ROLE}, found "a b"`,
      ],
    },
    {
      title: 'an alias of nothing, and the problems of the documents before it',
      text: `kind: Pod\n---\n${HEAD}spec:\n  namespaces: *nothing\n`,
      problems: [
        `f:1:7: kind: expected ${OURS}, found "Pod"`,
        'f:3:1: (document): expected YAML or JSON, found Unresolved alias (the anchor must be set before the alias): nothing',
      ],
    },
    {
      title: 'aliases that would fill the memory',
      text: BILLION_LAUGHS,
      problems: [
        'f:1:1: (document): expected YAML or JSON, found Excessive alias count indicates a resource exhaustion attack',
      ],
    },
    {
      title: 'tabs as indentation',
      text: `${HEAD}spec:\n\troles: []\n`,
      problems: ['f:6:1: (document): expected YAML or JSON, found Tabs are not allowed as indentation'],
    },
    {
      title: 'a key that is there twice',
      text: allowlistYaml({ rest: '  roles: [x]\n' }),
      problems: ['f:8:3: (document): expected YAML or JSON, found Map keys must be unique'],
    },
    {
      title: 'a key that is there twice in JSON',
      text: '{"kind": "a", "kind": "b"}',
      problems: ['f:1:15: (document): expected YAML or JSON, found Map keys must be unique'],
    },
    {
      title: 'a key that is an object',
      text: '? {a: b}\n: c\n',
      problems: ['f:1:3: (document): expected YAML or JSON, found With stringKeys, all keys must be strings'],
    },
    {
      title: 'JSON that ends too soon',
      text: '{"kind": "a"',
      problems: ['f:1:13: (document): expected YAML or JSON, found Flow map must end with a }'],
    },
    {
      title: 'an unknown tag',
      text: allowlistYaml({ roles: '!!js/function x' }),
      problems: [
        'f:7:10: (document): expected YAML or JSON, found Unresolved tag: tag:yaml.org,2002:js/function',
      ],
    },
    {
      title: 'a NUL in a name',
      text: GOOD.replace('name: payments', 'name: pay\0ments'),
      problems: [
        'f:4:9: metadata.name: expected a name of 1 to 253 lower-case letters, digits or . -, found "pay\u{FFFD}ments"',
      ],
    },
  ]) {
    test(title, () => {
      assert.deepEqual(expectProblem(load({ f: text }, ['root-*'])), problems);
    });
  }

  test('a name that two files have, and where the other one stands', () => {
    assert.deepEqual(expectProblem(load({ 'a.yaml': GOOD, 'b.yaml': `\n${GOOD}` })), [
      'b.yaml:5:9: metadata.name: expected a name that no other allowlist has, found "payments", as at a.yaml:4:9',
    ]);
  });

  test('the problems of all files at once', () => {
    const problems = expectProblem(
      load({ 'a.yaml': 'kind: Pod', 'b.yaml': '{', 'c.yaml': GOOD, 'd.yaml': 'x' }),
    );
    assert.deepEqual(problems.map((problem) => problem.split(':')[0]).sort(), ['a.yaml', 'b.yaml', 'd.yaml']);
  });

  for (const { title, text } of [
    { title: 'lists', text: '['.repeat(100_000) + ']'.repeat(100_000) },
    { title: 'open lists', text: '['.repeat(100_000) },
    { title: 'items', text: '- '.repeat(20_000) },
    { title: 'keys', text: '? '.repeat(500) },
  ]) {
    test(`${title} that are nested too deeply, as a problem and in bounded time`, () => {
      const problems = expectProblem(load({ f: text }));
      assert.match(problems[0] ?? '', /^f:1:\d+: \(document\): expected YAML or JSON, found /);
    });
  }

  test('a problem on one line each, whatever the file holds', () => {
    const problems = expectProblem(load({ f: allowlistYaml({ rest: '  "a\\nb\\u001b[31m": 1\n' }) }));
    assert.equal(problems.length, 1);
    assert.doesNotMatch(problems[0] ?? '', /\p{Cc}/u);
  });
});

suite('the work of loadAllowlists', () => {
  test('can be interrupted within one large document', () => {
    const items = Array.from({ length: 500 }, (_, index) => ({
      ...OBJECT,
      metadata: { name: `a-${index}` },
    }));
    const work = loadAllowlists(
      [{ path: 'f', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }],
      [],
    );
    let interruptions = 0;
    for (const _ of work) {
      interruptions++;
    }
    assert(interruptions > 500, `${interruptions}`);
  });
});

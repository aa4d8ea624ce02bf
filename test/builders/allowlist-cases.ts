import type { AllowlistSpec } from '../../src/policy/schema/allowlist.ts';
import type { Problem } from '../../src/text/problem.ts';

/** An object that claims to be a RamRoleAllowlist, and everything that is wrong with it; a good one has no problems. */
export type AllowlistCase = Readonly<{
  name: string;
  object: unknown;
  problems: readonly Problem[];
}>;

const NAMESPACES = ['payments', 'payments-*'];
const ROLES = ['payments-reader', 'payments-*'];

const LIST_OF_NAMESPACES = 'a list of 1 to 256 namespaces';
const NAMESPACE =
  'a namespace of 1 to 63 lower-case letters, digits or -; * matches any number of characters';
const ONE_OF_BOTH = 'exactly one of namespaces and namespaceSelector';
const LIST_OF_ROLES = 'a list of up to 256 RAM roles';
const ROLE_PATTERN =
  'a RAM role name of 1 to 64 letters, digits or . _ @ -; * matches any number of characters';
const ROLE_NAME = 'a RAM role name of 1 to 64 letters, digits or . _ @ -';
const COVERED = 'a role that an entry of roles matches';
const LIST_OF_ACCOUNTS = 'a list of 1 to 64 ServiceAccounts (left out, it means all of them)';
const ACCOUNT =
  'a ServiceAccount of 1 to 253 lower-case letters, digits or . -; * matches any number of characters';
const ACTION = 'Deny, Strip, Warn or Audit';
const TARGETS = 'EciPods or AllPods';
const CONTACT = 'a text of 0 to 128 characters';
const REASON = 'a text of 1 to 128 characters';
const REASON_FOR_EXPIRY = 'a reason, since expiresAt is set';
const INSTANT = 'a time in UTC and whole seconds, such as 2026-12-01T18:00:00Z';
const NAME = 'a name of 1 to 253 lower-case letters, digits or . -';
const NO_FIELD = 'no such field';
const VALUES = 'at least one value for In and NotIn, none for Exists and DoesNotExist';

function allowlist(spec: unknown, others: object = {}): object {
  return {
    apiVersion: 'eci-ram-role.io/v1alpha1',
    kind: 'RamRoleAllowlist',
    metadata: { name: 'payments' },
    spec,
    ...others,
  };
}

function good(name: string, spec: object, others: object = {}): AllowlistCase {
  return {
    name,
    object: allowlist(leaveOut({ namespaces: NAMESPACES, roles: ROLES, ...spec }), others),
    problems: [],
  };
}

/** A case with one thing wrong, at a path below spec. */
function bad(
  name: string,
  spec: object,
  path: readonly PropertyKey[],
  expected: string,
  found: string,
): AllowlistCase {
  return {
    name,
    object: allowlist(leaveOut({ namespaces: NAMESPACES, roles: ROLES, ...spec })),
    problems: [{ path: ['spec', ...path], expected, found }],
  };
}

/** A case with one thing wrong, at a path from the root. */
function badObject(
  name: string,
  others: object,
  path: readonly PropertyKey[],
  expected: string,
  found: string,
): AllowlistCase {
  const object = leaveOut(allowlist({ namespaces: NAMESPACES, roles: ROLES }, others));
  return { name, object, problems: [{ path, expected, found }] };
}

function notAnObject(name: string, object: unknown, found: string): AllowlistCase {
  return { name: `that is ${name}`, object, problems: [{ path: [], expected: 'an object', found }] };
}

function leaveOut(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `item-${index}`);
}

function selector(namespaceSelector: unknown): object {
  return { namespaces: undefined, namespaceSelector };
}

/** An object with an own key `__proto__`, as JSON and YAML can hold. */
function withProto(value: unknown, others: object = {}): object {
  return Object.defineProperty({ ...others }, '__proto__', { value, enumerable: true });
}

/** Every field but the other way to select namespaces; one that is missing here does not compile. */
const EVERY_FIELD: Readonly<Record<Exclude<keyof AllowlistSpec, 'namespaceSelector'>, unknown>> = {
  namespaces: NAMESPACES,
  roles: ROLES,
  defaultRole: 'payments-reader',
  serviceAccounts: ['api', 'batch-*'],
  injectInto: 'AllPods',
  violationAction: 'Strip',
  contact: '#platform-payments',
  reason: 'incident 4711',
  expiresAt: '2026-12-01T18:00:00Z',
};

export const goodAllowlists: readonly AllowlistCase[] = [
  good('with namespaces and roles alone', {}),
  good('with every field', EVERY_FIELD),
  good('with no roles', { roles: [] }),
  good('with 256 namespaces and 256 roles', { namespaces: many(256), roles: many(256) }),
  good('with 64 ServiceAccounts', { serviceAccounts: many(64) }),
  good('with a ServiceAccount of dots', { serviceAccounts: ['a.b', '*'] }),
  good('with a namespace of 63 characters', { namespaces: ['n'.repeat(63)] }),
  good('with a role of 64 characters', { roles: ['r'.repeat(64)] }),
  good('with every character of a role', { roles: ['AZaz09._@-*'] }),
  good('with stars alone', { namespaces: ['*'], roles: ['*'], serviceAccounts: ['**'] }),
  good('with a default covered by a glob', { defaultRole: 'payments-x' }),
  good('with every violation action', { violationAction: 'Audit' }),
  good('with a contact of 128 characters outside the basic plane', { contact: '\u{1F600}'.repeat(128) }),
  good('with an empty contact', { contact: '' }),
  good('with optional fields of null', { defaultRole: null, violationAction: null, contact: null }),
  good('with a reason but no expiry', { reason: 'incident 4711' }),
  good('with an expiry on a leap day', { expiresAt: '2028-02-29T23:59:59Z', reason: 'x' }),
  good(
    'as kubectl prints it',
    {},
    {
      metadata: {
        name: 'payments',
        uid: 'f5e9a1e0-0000-4000-a000-000000000000',
        creationTimestamp: '2026-11-25T10:00:00Z',
        generation: 3,
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
        managedFields: [{ manager: 'kubectl' }],
      },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
  ),
  good('with a name of dots and 253 characters', {}, { metadata: { name: `a.${'b'.repeat(251)}` } }),
  good('with an empty namespaceSelector', selector({})),
  good(
    'with every kind of requirement on labels',
    selector({
      matchLabels: { 'example.com/team': 'payments', constructor: '' },
      matchExpressions: [
        { key: 'a', operator: 'In', values: ['x', ''] },
        { key: 'b', operator: 'NotIn', values: ['x'] },
        { key: 'c', operator: 'Exists' },
        { key: 'd', operator: 'DoesNotExist', values: [] },
      ],
    }),
  ),
];

export const badAllowlists: readonly AllowlistCase[] = [
  notAnObject('null', null, 'null'),
  notAnObject('missing', undefined, 'nothing'),
  notAnObject('a text', 'text', '"text"'),
  notAnObject('a number', 3, '3'),
  notAnObject('a boolean', true, 'true'),
  notAnObject('a list', [], 'a list of 0'),
  {
    name: 'that is empty',
    object: {},
    problems: [
      { path: ['apiVersion'], expected: 'eci-ram-role.io/v1alpha1', found: 'nothing' },
      { path: ['kind'], expected: 'RamRoleAllowlist', found: 'nothing' },
      { path: ['metadata'], expected: 'an object with a name', found: 'nothing' },
      { path: ['spec'], expected: 'an object', found: 'nothing' },
    ],
  },
  badObject(
    'of another version',
    { apiVersion: 'eci-ram-role.io/v1' },
    ['apiVersion'],
    'eci-ram-role.io/v1alpha1',
    '"eci-ram-role.io/v1"',
  ),
  badObject('of another kind', { kind: 'ConfigMap' }, ['kind'], 'RamRoleAllowlist', '"ConfigMap"'),
  badObject('with another field', { specs: 1 }, ['specs'], NO_FIELD, '"specs": did you mean spec?'),
  badObject('with a field like none', { data: {} }, ['data'], NO_FIELD, '"data"'),
  badObject('with metadata of null', { metadata: null }, ['metadata'], 'an object with a name', 'null'),
  badObject('without a name', { metadata: {} }, ['metadata', 'name'], NAME, 'nothing'),
  badObject('with an empty name', { metadata: { name: '' } }, ['metadata', 'name'], NAME, '""'),
  badObject(
    'with a name in capitals',
    { metadata: { name: 'Payments' } },
    ['metadata', 'name'],
    NAME,
    '"Payments"',
  ),
  badObject(
    'with a name of 254 characters',
    { metadata: { name: 'a'.repeat(254) } },
    ['metadata', 'name'],
    NAME,
    `"${'a'.repeat(80)}"…`,
  ),
  badObject(
    'with a name that holds a newline',
    { metadata: { name: 'a\nb' } },
    ['metadata', 'name'],
    NAME,
    '"a\uFFFDb"',
  ),
  badObject('with a number for a name', { metadata: { name: 4711 } }, ['metadata', 'name'], NAME, '4711'),
  badObject(
    'with a name in the prototype alone',
    { metadata: withProto({ name: 'payments' }) },
    ['metadata', 'name'],
    NAME,
    'nothing',
  ),
  badObject('with spec of null', { spec: null }, ['spec'], 'an object', 'null'),
  badObject('with a list for a spec', { spec: [1, 2] }, ['spec'], 'an object', 'a list of 2'),
  bad(
    'with neither namespaces nor namespaceSelector',
    { namespaces: undefined },
    ['namespaces'],
    ONE_OF_BOTH,
    'nothing',
  ),
  bad(
    'with both namespaces and namespaceSelector',
    { namespaceSelector: {} },
    ['namespaces'],
    ONE_OF_BOTH,
    'a list of 2',
  ),
  bad('with no namespaces', { namespaces: [] }, ['namespaces'], LIST_OF_NAMESPACES, 'a list of 0'),
  bad('with 257 namespaces', { namespaces: many(257) }, ['namespaces'], LIST_OF_NAMESPACES, 'a list of 257'),
  bad(
    'with a text for namespaces',
    { namespaces: 'payments' },
    ['namespaces'],
    LIST_OF_NAMESPACES,
    '"payments"',
  ),
  bad('with an empty text for namespaces', { namespaces: '' }, ['namespaces'], LIST_OF_NAMESPACES, '""'),
  bad('with namespaces of null', { namespaces: null }, ['namespaces'], ONE_OF_BOTH, 'null'),
  bad('with an empty namespace', { namespaces: ['a', ''] }, ['namespaces', 1], NAMESPACE, '""'),
  bad(
    'with a namespace in capitals',
    { namespaces: ['Payments'] },
    ['namespaces', 0],
    NAMESPACE,
    '"Payments"',
  ),
  bad(
    'with a namespace of 64 characters',
    { namespaces: ['n'.repeat(64)] },
    ['namespaces', 0],
    NAMESPACE,
    `"${'n'.repeat(64)}"`,
  ),
  bad(
    'with a namespace that ends in a dash',
    { namespaces: ['payments-'] },
    ['namespaces', 0],
    NAMESPACE,
    '"payments-"',
  ),
  bad(
    'with a regular expression for a namespace',
    { namespaces: ['payments-.+'] },
    ['namespaces', 0],
    NAMESPACE,
    '"payments-.+"',
  ),
  bad(
    'with a namespace and a newline',
    { namespaces: ['payments\n'] },
    ['namespaces', 0],
    NAMESPACE,
    '"payments\uFFFD"',
  ),
  bad('without roles', { roles: undefined }, ['roles'], LIST_OF_ROLES, 'nothing'),
  bad('with 257 roles', { roles: many(257) }, ['roles'], LIST_OF_ROLES, 'a list of 257'),
  bad(
    'with a long text for roles',
    { roles: 'r'.repeat(500) },
    ['roles'],
    LIST_OF_ROLES,
    `"${'r'.repeat(80)}"…`,
  ),
  bad('with roles of null', { roles: null }, ['roles'], LIST_OF_ROLES, 'null'),
  bad('with an empty role', { roles: [''] }, ['roles', 0], ROLE_PATTERN, '""'),
  bad(
    'with a role of 65 characters',
    { roles: ['r'.repeat(65)] },
    ['roles', 0],
    ROLE_PATTERN,
    `"${'r'.repeat(65)}"`,
  ),
  bad(
    'with a question mark in a role',
    { roles: ['payments-?'] },
    ['roles', 0],
    ROLE_PATTERN,
    '"payments-?"',
  ),
  bad('with an object for a role', { roles: [{}] }, ['roles', 0], ROLE_PATTERN, 'an object'),
  bad(
    'with an ARN for a role',
    { roles: ['acs:ram::123:role/payments-reader'] },
    ['roles', 0],
    ROLE_PATTERN,
    'the ARN "acs:ram::123:role/payments-reader": use the role name "payments-reader"',
  ),
  bad('with a glob for a default', { defaultRole: 'payments-*' }, ['defaultRole'], ROLE_NAME, '"payments-*"'),
  bad('with an empty default', { defaultRole: '' }, ['defaultRole'], ROLE_NAME, '""'),
  bad('with a boolean for a default', { defaultRole: true }, ['defaultRole'], ROLE_NAME, 'true'),
  bad(
    'with an ARN for a default',
    { defaultRole: ' acs:ram::123:role/x ' },
    ['defaultRole'],
    ROLE_NAME,
    'the ARN " acs:ram::123:role/x ": use the role name "x"',
  ),
  bad(
    'with a default that roles do not cover',
    { defaultRole: 'other' },
    ['defaultRole'],
    COVERED,
    '"other"',
  ),
  bad(
    'with a default in other case than roles',
    { defaultRole: 'Payments-reader' },
    ['defaultRole'],
    COVERED,
    '"Payments-reader"',
  ),
  bad('with a default and empty roles', { roles: [], defaultRole: 'a' }, ['defaultRole'], COVERED, '"a"'),
  bad(
    'with no ServiceAccounts',
    { serviceAccounts: [] },
    ['serviceAccounts'],
    LIST_OF_ACCOUNTS,
    'a list of 0',
  ),
  bad(
    'with 65 ServiceAccounts',
    { serviceAccounts: many(65) },
    ['serviceAccounts'],
    LIST_OF_ACCOUNTS,
    'a list of 65',
  ),
  bad(
    'with an empty text for ServiceAccounts',
    { serviceAccounts: '' },
    ['serviceAccounts'],
    LIST_OF_ACCOUNTS,
    '""',
  ),
  bad(
    'with ServiceAccounts of null',
    { serviceAccounts: null },
    ['serviceAccounts'],
    LIST_OF_ACCOUNTS,
    'null',
  ),
  bad('with an empty ServiceAccount', { serviceAccounts: [''] }, ['serviceAccounts', 0], ACCOUNT, '""'),
  bad(
    'with a ServiceAccount and its namespace',
    { serviceAccounts: ['payments:api'] },
    ['serviceAccounts', 0],
    ACCOUNT,
    '"payments:api"',
  ),
  bad('with an action in lower case', { violationAction: 'deny' }, ['violationAction'], ACTION, '"deny"'),
  bad('with other targets', { injectInto: 'Pods' }, ['injectInto'], TARGETS, '"Pods"'),
  bad(
    'with a contact of 129 characters',
    { contact: 'c'.repeat(129) },
    ['contact'],
    CONTACT,
    `"${'c'.repeat(80)}"…`,
  ),
  bad('with a number for a contact', { contact: 110 }, ['contact'], CONTACT, '110'),
  bad('with an empty reason', { reason: '' }, ['reason'], REASON, '""'),
  bad(
    'with a reason of 129 characters',
    { reason: 'r'.repeat(129) },
    ['reason'],
    REASON,
    `"${'r'.repeat(80)}"…`,
  ),
  bad('with an expiry of null', { expiresAt: null, reason: 'x' }, ['expiresAt'], INSTANT, 'null'),
  bad(
    'with an expiry without a reason',
    { expiresAt: '2026-12-01T18:00:00Z' },
    ['reason'],
    REASON_FOR_EXPIRY,
    'nothing',
  ),
  ...[
    '2026-12-01',
    '2026-12-01T18:00:00',
    '2026-12-01T18:00:00.000Z',
    '2026-12-01T18:00:00+00:00',
    '2026-12-01t18:00:00z',
    '2026-12-01 18:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-12-01T24:00:00Z',
    '2026-12-31T23:59:60Z',
    '2026-13-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    'soon',
    '',
  ].map((expiresAt) =>
    bad(`with the expiry ${expiresAt}`, { expiresAt, reason: 'x' }, ['expiresAt'], INSTANT, `"${expiresAt}"`),
  ),
  bad(
    'with a number for an expiry',
    { expiresAt: 1764612000, reason: 'x' },
    ['expiresAt'],
    INSTANT,
    '1764612000',
  ),
  bad('with a mistyped field', { role: ['a'] }, ['role'], NO_FIELD, '"role": did you mean roles?'),
  bad(
    'with a field in other case',
    { defaultrole: 'a' },
    ['defaultrole'],
    NO_FIELD,
    '"defaultrole": did you mean defaultRole?',
  ),
  bad('with a field of the prototype', { constructor: 1 }, ['constructor'], NO_FIELD, '"constructor"'),
  {
    name: 'with a key __proto__ in spec',
    object: allowlist(withProto({ roles: ['*'] }, { namespaces: NAMESPACES, roles: ROLES })),
    problems: [{ path: ['spec', '__proto__'], expected: NO_FIELD, found: '"__proto__"' }],
  },
  bad('with a namespaceSelector of null', selector(null), ['namespaces'], ONE_OF_BOTH, 'nothing'),
  bad(
    'with a mistyped field of a selector',
    selector({ matchLabel: {} }),
    ['namespaceSelector', 'matchLabel'],
    NO_FIELD,
    '"matchLabel": did you mean matchLabels?',
  ),
  bad(
    'with a list for matchLabels',
    selector({ matchLabels: [] }),
    ['namespaceSelector', 'matchLabels'],
    'a map of label keys to values',
    'a list of 0',
  ),
  bad(
    'with 65 labels, whatever they are',
    selector({ matchLabels: { '-a': 'x', ...Object.fromEntries(many(64).map((key) => [key, 'x'])) } }),
    ['namespaceSelector', 'matchLabels'],
    'a map of up to 64 labels',
    'an object',
  ),
  bad(
    'with a label key that is none',
    selector({ matchLabels: { '-a': 'x' } }),
    ['namespaceSelector', 'matchLabels', '-a'],
    'a label key',
    '"-a"',
  ),
  bad(
    'with a label value that is none',
    selector({ matchLabels: { a: 'x y' } }),
    ['namespaceSelector', 'matchLabels', 'a'],
    'a label value',
    '"x y"',
  ),
  bad(
    'with a boolean label value',
    selector({ matchLabels: { a: true } }),
    ['namespaceSelector', 'matchLabels', 'a'],
    'a label value',
    'true',
  ),
  bad(
    'with a label key __proto__, which would leave a selector of everything',
    selector({ matchLabels: withProto('x') }),
    ['namespaceSelector', 'matchLabels', '__proto__'],
    'a label key',
    '"__proto__"',
  ),
  bad(
    'with a text for a requirement',
    selector({ matchExpressions: ['a'] }),
    ['namespaceSelector', 'matchExpressions', 0],
    'a requirement on a label',
    '"a"',
  ),
  bad(
    'with another operator',
    selector({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] }),
    ['namespaceSelector', 'matchExpressions', 0, 'operator'],
    'In, NotIn, Exists or DoesNotExist',
    '"Gt"',
  ),
  bad(
    'with In without values',
    selector({ matchExpressions: [{ key: 'a', operator: 'In' }] }),
    ['namespaceSelector', 'matchExpressions', 0, 'values'],
    VALUES,
    'nothing',
  ),
  bad(
    'with Exists and values',
    selector({ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] }),
    ['namespaceSelector', 'matchExpressions', 0, 'values'],
    VALUES,
    'a list of 1',
  ),
  bad(
    'with a mistyped field of a requirement',
    selector({ matchExpressions: [{ key: 'a', operator: 'Exists', value: 'x' }] }),
    ['namespaceSelector', 'matchExpressions', 0, 'value'],
    NO_FIELD,
    '"value"',
  ),
  bad(
    'with 17 requirements',
    selector({ matchExpressions: many(17).map((key) => ({ key, operator: 'Exists' })) }),
    ['namespaceSelector', 'matchExpressions'],
    'a list of up to 16 requirements',
    'a list of 17',
  ),
  {
    name: 'with many things wrong at once',
    object: allowlist({
      namespaces: ['Payments', 'ok'],
      namespaceSelector: {},
      roles: ['acs:ram::1:role/x', 'ok'],
      defaultRole: 'other',
      violationAction: 'Block',
      expiresAt: '2026-12-01T18:00:00Z',
      serviceAccount: ['api'],
    }),
    problems: [
      { path: ['spec', 'namespaces', 0], expected: NAMESPACE, found: '"Payments"' },
      {
        path: ['spec', 'roles', 0],
        expected: ROLE_PATTERN,
        found: 'the ARN "acs:ram::1:role/x": use the role name "x"',
      },
      { path: ['spec', 'violationAction'], expected: ACTION, found: '"Block"' },
      {
        path: ['spec', 'serviceAccount'],
        expected: NO_FIELD,
        found: '"serviceAccount": did you mean serviceAccounts?',
      },
      { path: ['spec', 'namespaces'], expected: ONE_OF_BOTH, found: 'a list of 2' },
      { path: ['spec', 'defaultRole'], expected: COVERED, found: '"other"' },
      { path: ['spec', 'reason'], expected: REASON_FOR_EXPIRY, found: 'nothing' },
    ],
  },
];

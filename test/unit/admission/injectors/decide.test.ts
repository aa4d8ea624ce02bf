import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Decision } from '../../../../src/admission/decision.ts';
import { decideInjector, type InjectorFacts } from '../../../../src/admission/injectors/decide.ts';
import { parseInjectorEdit } from '../../../../src/admission/injectors/read.ts';
import type { AdmissionRequest } from '../../../../src/admission/review.ts';
import type { PolicySettings } from '../../../../src/policy/policy.ts';
import type { Allowlist } from '../../../../src/policy/schema/allowlist.ts';
import { entryOf, profileOf, profileReview, selectorReview } from '../../../builders/injector-edit.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

const NAMESPACES = new Map(
  Object.entries({
    payments: { team: 'money' },
    'payments-test': { team: 'money', stage: 'test' },
    analytics: { team: 'data' },
    'kube-system': {},
  }).map(([name, labels]) => [
    name,
    new Map(Object.entries({ 'kubernetes.io/metadata.name': name, ...labels })),
  ]),
);

const PAYMENTS = allowlistOf('payments', { contact: '#payments' });

type Given = Readonly<{
  lists?: readonly Allowlist[];
  settings?: Partial<PolicySettings>;
}> &
  Partial<InjectorFacts>;

function decideEdit(
  review: AdmissionRequest,
  { lists = [PAYMENTS], settings, ...facts }: Given = {},
): Decision {
  const entries = parseInjectorEdit(review) ?? assert.fail('no edit of an injector');
  return decideInjector(entries, {
    action: 'Deny',
    policy: policyOf(lists, settings),
    namespaces: NAMESPACES,
    excludedNamespaces: ['kube-system'],
    ...facts,
    now: NOW,
  });
}

const named = (...values: readonly string[]) => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }],
});
const NAMED_LATER = { matchLabels: { 'kubernetes.io/metadata.name': 'later' } };
const into = (namespaceSelector: unknown, role = 'reader') => entryOf(role, { namespaceSelector });
const ofTeam = (team: string, role = 'reader') => into({ matchLabels: { team } }, role);
const outcome = ({ outcome: decision, reason }: Decision) => [decision, reason];

suite('an edit of an injector', () => {
  const admitted = [
    { name: 'sets no role', now: [{ name: 'a' }], expected: ['allow', 'no-role'] },
    {
      name: 'sets a role allowed where it reaches',
      now: [into(named('payments'))],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'sets a role allowed to all labelled so',
      now: [into({ matchLabels: { team: 'money', stage: 'test' } })],
      lists: [allowlistOf('t', { namespaces: ['*-test'] })],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names a namespace that is not there, by a label that a list selects',
      now: [into(named('payments', 'later'))],
      lists: [PAYMENTS, allowlistOf('later', { namespaces: undefined, namespaceSelector: NAMED_LATER })],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'reaches excluded namespaces alone',
      now: [into(named('kube-system'), 'admin')],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'reaches all, where all allow it',
      now: [entryOf('reader')],
      lists: [allowlistOf('all', { namespaces: ['*'] })],
      expected: ['allow', 'allowed'],
    },
  ];
  for (const { name, now, expected, ...given } of admitted) {
    test(`is admitted without a word where it ${name}`, () => {
      const decision = decideEdit(profileReview(profileOf(now)), given);
      assert.deepEqual([outcome(decision), decision.warnings, decision.denial], [expected, [], undefined]);
    });
  }

  const refused = [
    {
      name: 'sets a role that no list allows',
      now: [into(named('payments'), 'admin')],
      reason: 'not-allowed',
    },
    { name: 'reaches a namespace by a label', now: [ofTeam('money', 'admin')], reason: 'not-allowed' },
    { name: 'reaches one namespace too many', now: [ofTeam('money')], reason: 'no-allowlist' },
    { name: 'has no selector of namespaces', now: [entryOf('reader')], reason: 'no-allowlist' },
    { name: 'has an empty one', now: [into({})], reason: 'no-allowlist' },
    {
      name: 'has one that is not a label selector',
      now: [into({ team: 'none' })],
      reason: 'malformed',
    },
    { name: 'has 501 entries', now: Array(501).fill({}), reason: 'malformed' },
    {
      name: 'sets a role allowed to one ServiceAccount',
      now: [into(named('payments'))],
      lists: [allowlistOf('p', { serviceAccounts: ['api'] })],
      reason: 'not-allowed',
    },
    {
      name: 'sets a role allowed to ServiceAccounts of a pattern',
      now: [into(named('payments'))],
      lists: [allowlistOf('p', { serviceAccounts: ['a*'] })],
      reason: 'not-allowed',
    },
    {
      name: 'sets a role whose list has expired',
      now: [into(named('payments'))],
      lists: [allowlistOf('p', { expiresAt: '2026-11-25T09:00:00Z', reason: 'x' })],
      reason: 'expired',
    },
    {
      name: 'would have the role stripped',
      now: [into(named('payments'), 'admin')],
      lists: [allowlistOf('p', { violationAction: 'Strip' })],
      reason: 'not-allowed',
    },
    {
      name: 'sets a protected role where all else is warned of',
      now: [into(named('payments'), 'KubernetesWorkerRole-1')],
      lists: [allowlistOf('p', { violationAction: 'Audit', roles: ['*'] })],
      reason: 'protected',
    },
    {
      name: 'sets a protected role, in another case, where it reaches nothing yet',
      now: [into(named('later'), 'kubernetesworkerrole-1')],
      settings: { unlistedNamespaces: 'Audit' as const },
      reason: 'protected',
    },
    {
      name: 'sets a protected role in excluded namespaces alone',
      now: [into(named('kube-system'), 'KubernetesMasterRole-1')],
      reason: 'protected',
    },
    {
      name: 'names a namespace that is not there and that no list allows it',
      now: [into(named('payments', 'later'))],
      reason: 'no-allowlist',
    },
    {
      name: 'sets what no role is called',
      now: [into(named('payments'), 'a b')],
      lists: [allowlistOf('p', { roles: ['*'] })],
      reason: 'invalid-name',
    },
    {
      name: 'sets an ARN where it reaches nothing yet',
      now: [into(named('later'), 'acs:ram::1:role/reader')],
      reason: 'invalid-name',
    },
    {
      name: 'sets what no role is called where one list of two denies and all else is audited',
      now: [entryOf('a b')],
      settings: { unlistedNamespaces: 'Audit' as const },
      reason: 'invalid-name',
    },
    {
      name: 'writes its fields in another case',
      now: [{ EFFECT: entryOf('admin').effect }],
      reason: 'malformed',
    },
    { name: 'cannot be read', now: 'x', reason: 'malformed' },
  ];
  for (const { name, now, reason, ...given } of refused) {
    test(`is refused under Deny where it ${name}, and warned of under Warn`, () => {
      const review = profileReview(profileOf(now));
      const decision = decideEdit(review, given);
      assert.deepEqual([outcome(decision), decision.warnings], [['deny', reason], []]);
      assert.equal(decision.denial?.code, reason === 'malformed' ? 400 : 403);
      const warned = decideEdit(review, { ...given, action: 'Warn' });
      assert.deepEqual(
        [outcome(warned), warned.denial, warned.warnings.length],
        [['warn', reason], undefined, 1],
      );
    });
  }

  const warned = [
    {
      name: 'pods that name it are warned of',
      now: [into(named('payments'), 'admin')],
      lists: [allowlistOf('p', { violationAction: 'Warn' })],
      expected: ['warn', 'not-allowed'],
    },
    {
      name: 'pods that name it are audited',
      now: [into(named('analytics'), 'admin')],
      settings: { unlistedNamespaces: 'Audit' as const },
      expected: ['warn', 'no-allowlist'],
    },
    {
      name: 'it is nearly one that is allowed',
      now: [into(named('payments'), 'raeder')],
      lists: [allowlistOf('p', { violationAction: 'Warn' })],
      expected: ['warn', 'not-allowed'],
    },
    {
      name: 'nothing can be called so, and that is audited where it reaches',
      now: [into(named('analytics'), 'a b')],
      settings: { unlistedNamespaces: 'Audit' as const },
      expected: ['warn', 'invalid-name'],
    },
    {
      name: 'it matches no namespace',
      now: [ofTeam('none', 'admin')],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'it names a namespace that its other label does not match',
      now: [into({ matchLabels: { 'kubernetes.io/metadata.name': 'payments', team: 'data' } }, 'admin')],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'it and two others reach no namespace that there is',
      now: [ofTeam('none', 'admin'), into({ matchLabels: { x: 'y' } }, 'x'), ofTeam('none')],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'it is allowed for a time',
      now: [into(named('payments'))],
      lists: [allowlistOf('p', { expiresAt: '2026-11-26T09:00:00Z', reason: 'x' })],
      expected: ['allow', 'allowed'],
    },
  ];
  for (const { name, now, expected, ...given } of warned) {
    test(`is admitted with a warning under Deny where ${name}`, () => {
      const decision = decideEdit(profileReview(profileOf(now)), given);
      assert.deepEqual([outcome(decision), decision.denial], [expected, undefined]);
      assert.equal(decision.warnings.length, 1);
    });
  }

  test('has no soft list hide what a strict one would refuse', () => {
    const soft = allowlistOf('soft', { namespaces: ['*'], roles: [], violationAction: 'Warn' });
    assert.deepEqual(
      outcome(
        decideEdit(profileReview(profileOf([into(named('payments'), 'admin')])), { lists: [PAYMENTS, soft] }),
      ),
      ['deny', 'not-allowed'],
    );
  });

  test('gets a warning for each kind of finding, violations first', () => {
    const lists = [
      allowlistOf('p', { expiresAt: '2026-11-26T09:00:00Z', reason: 'x' }),
      allowlistOf('a', { namespaces: ['analytics'], violationAction: 'Warn' }),
    ];
    const edit = [ofTeam('none'), into(named('payments')), into(named('analytics'), 'admin')];
    const decision = decideEdit(profileReview(profileOf(edit)), { lists });
    assert.deepEqual(outcome(decision), ['warn', 'not-allowed']);
    assert.deepEqual(
      decision.warnings.map((warning) => /not allowed|only until|no namespace today/.exec(warning)?.[0]),
      ['not allowed', 'only until', 'no namespace today'],
    );
  });
});

suite('an edit beside what was wrong before', () => {
  const wrong = into(named('payments'), 'admin');
  const unread = entryOf(7);
  const rows = [
    {
      name: 'leaves a wrong entry as it was',
      old: [wrong],
      now: [wrong, { name: 'new' }],
      expected: ['warn', 'not-allowed'],
      warnings: 1,
    },
    {
      name: 'takes away one wrong entry of two',
      old: [wrong, ofTeam('data', 'admin')],
      now: [wrong],
      expected: ['warn', 'not-allowed'],
      warnings: 1,
    },
    {
      name: 'takes away the last wrong entry',
      old: [wrong],
      now: [],
      expected: ['allow', 'no-role'],
      warnings: 0,
    },
    {
      name: 'mends a wrong entry',
      old: [wrong],
      now: [into(named('payments'))],
      expected: ['allow', 'allowed'],
      warnings: 0,
    },
    {
      name: 'leaves a protected role as it was',
      old: [entryOf('KubernetesWorkerRole-1')],
      now: [entryOf('KubernetesWorkerRole-1'), { name: 'new' }],
      expected: ['warn', 'protected'],
      warnings: 1,
    },
    {
      name: 'leaves what reaches nothing as it was',
      old: [ofTeam('none')],
      now: [ofTeam('none'), { name: 'new' }],
      expected: ['allow', 'allowed'],
      warnings: 0,
    },
    {
      name: 'leaves an unread entry as it was',
      old: [unread],
      now: [unread],
      expected: ['warn', 'malformed'],
      warnings: 1,
    },
    {
      name: 'leaves an unread and a wrong entry as they were',
      old: [unread, wrong],
      now: [unread, wrong],
      expected: ['warn', 'not-allowed'],
      warnings: 2,
    },
    {
      name: 'widens a wrong entry',
      old: [wrong],
      now: [ofTeam('money', 'admin')],
      expected: ['deny', 'not-allowed'],
      warnings: 0,
    },
    {
      name: 'adds a wrong entry to another',
      old: [wrong],
      now: [wrong, ofTeam('data', 'admin')],
      expected: ['deny', 'no-allowlist'],
      warnings: 0,
    },
    {
      name: 'adds an unread entry to a wrong one',
      old: [wrong],
      now: [wrong, unread],
      expected: ['deny', 'malformed'],
      warnings: 0,
    },
  ];
  for (const { name, old, now, expected, warnings } of rows) {
    test(`is ${expected.join(', ')} where it ${name}`, () => {
      const decision = decideEdit(profileReview(profileOf(now), profileOf(old)));
      assert.deepEqual([outcome(decision), decision.warnings.length], [expected, warnings]);
    });
  }
});

suite('a Selector', () => {
  const { effect } = entryOf('reader');
  const rows = [
    { name: 'acts on every namespace from its own', spec: { effect }, expected: ['deny', 'no-allowlist'] },
    {
      name: 'is confined by labels of namespaces',
      spec: { effect, namespaceLabels: named('payments') },
      expected: ['allow', 'allowed'],
    },
    {
      name: 'calls its selector as the ConfigMap does',
      spec: { effect, namespaceSelector: named('payments') },
      expected: ['deny', 'malformed'],
    },
  ];
  for (const { name, spec, expected } of rows) {
    test(`is ${expected.join(', ')} where it ${name}`, () => {
      assert.deepEqual(outcome(decideEdit(selectorReview(spec))), expected);
    });
  }

  test('may lose a finalizer, whatever its role', () => {
    const decision = decideEdit(selectorReview({ effect }, { effect }));
    assert.equal(decision.denial, undefined);
  });
});

suite('without the namespaces of the cluster', () => {
  const FILES = { namespaces: undefined };
  const rows = [
    {
      name: 'names a namespace that allows it',
      now: [into(named('payments'))],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names a namespace by a label that must match',
      now: [into({ matchLabels: { 'kubernetes.io/metadata.name': 'payments', team: 'x' } })],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names one and takes away the other',
      now: [
        into({
          matchExpressions: [
            ...named('payments', 'x').matchExpressions,
            { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] },
          ],
        }),
      ],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names one twice and takes it away in between',
      now: [
        into(
          {
            matchExpressions: [
              ...named('x', 'payments').matchExpressions,
              { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] },
              ...named('x', 'payments').matchExpressions,
            ],
          },
          'reader',
        ),
      ],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names one that must have no name',
      now: [
        into({
          matchExpressions: [
            ...named('x').matchExpressions,
            { key: 'kubernetes.io/metadata.name', operator: 'DoesNotExist' },
          ],
        }),
      ],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names an excluded namespace',
      now: [into(named('kube-system'), 'admin')],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'names one namespace too many',
      now: [into(named('payments', 'x'))],
      expected: ['deny', 'no-allowlist'],
    },
    { name: 'selects by another label', now: [ofTeam('money')], expected: ['deny', 'no-allowlist'] },
    {
      name: 'takes away a namespace alone',
      now: [
        into({
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] }],
        }),
      ],
      expected: ['deny', 'no-allowlist'],
    },
    {
      name: 'selects by a label what may be anywhere, and lists of all allow it',
      now: [ofTeam('money')],
      lists: [allowlistOf('all', { namespaces: ['x', '*'] })],
      expected: ['allow', 'allowed'],
    },
    {
      name: 'may reach what a list denies, though others are warned of',
      now: [ofTeam('money', 'admin')],
      settings: { unlistedNamespaces: 'Warn' as const },
      expected: ['deny', 'no-allowlist'],
    },
    {
      name: 'names a namespace in which it is warned of',
      now: [into(named('x'), 'admin')],
      settings: { unlistedNamespaces: 'Warn' as const },
      expected: ['warn', 'no-allowlist'],
    },
  ];
  for (const { name, now, expected, ...given } of rows) {
    test(`is ${expected.join(', ')} where it ${name}`, () => {
      assert.deepEqual(outcome(decideEdit(profileReview(profileOf(now)), { ...FILES, ...given })), expected);
    });
  }
});

suite('a decided edit', () => {
  test('is logged and audited with the role and the lists', () => {
    const lists = [PAYMENTS, allowlistOf('all', { namespaces: ['*'], roles: [] })];
    const decision = decideEdit(profileReview(profileOf([into(named('payments'), 'admin')])), { lists });
    assert.deepEqual([decision.role, decision.allowlists], ['admin', ['all', 'payments']]);
    assert.deepEqual(decision.auditAnnotations, {
      decision: 'deny',
      role: 'admin',
      allowlist: 'all,payments',
    });
    const allowed = decideEdit(profileReview(profileOf([into(named('payments'))])));
    assert.deepEqual(
      [allowed.role, allowed.auditAnnotations],
      ['reader', { decision: 'allow', role: 'reader', allowlist: '' }],
    );
  });
});

suite('a cluster of many namespaces', () => {
  const many = new Map(
    Array.from({ length: 1_000 }, (_, index) => [
      `ns-${index}`,
      new Map([['kubernetes.io/metadata.name', `ns-${index}`]]),
    ]),
  );
  const review = profileReview(profileOf([entryOf('admin'), entryOf('other')]));
  const tenOf = (prefix: string) => Array.from({ length: 10 }, (_, index) => entryOf(`${prefix}-${index}`));

  test('has the one namespace found whose allowlists do not allow the role', () => {
    const lists = [...many.keys()].map((name) =>
      allowlistOf(name, { namespaces: [name], roles: [name === 'ns-777' ? 'reader' : 'admin', 'other'] }),
    );
    const decision = decideEdit(review, { namespaces: many, lists });
    assert.deepEqual([decision.role, decision.allowlists], ['admin', ['ns-777']]);
  });

  test('has a strict namespace found behind hundreds that only warn', () => {
    const lists = [
      allowlistOf('soft', { namespaces: ['ns-*'], roles: ['x'], violationAction: 'Warn' }),
      allowlistOf('strict', { namespaces: ['ns-999'], roles: ['x'] }),
    ];
    const decision = decideEdit(review, { namespaces: many, lists });
    assert.deepEqual([decision.outcome, decision.allowlists], ['deny', ['soft', 'strict']]);
  });

  test('gets five warnings of a kind at the most, the last with the number of the others', () => {
    const { warnings } = decideEdit(profileReview(profileOf(tenOf('role'))), {
      namespaces: many,
      action: 'Warn',
    });
    assert.equal(warnings.length, 5);
    assert.match(warnings[4] ?? '', /"role-4".* \(and 5 more selectors\)/);
  });

  const broad = Array.from({ length: 500 }, (_, index) =>
    into({ matchExpressions: [{ key: `label-${index}`, operator: 'DoesNotExist' }] }, 'reader'),
  );
  const lists = [allowlistOf('all', { namespaces: ['ns-*'] })];

  test('has an entry denied if its namespaces are too many to be checked', () => {
    const decision = decideEdit(profileReview(profileOf(broad)), { namespaces: many, lists });
    assert.deepEqual(outcome(decision), ['deny', 'not-allowed']);
  });

  test('has a new entry checked before hundreds of unchanged ones', () => {
    const edit = profileReview(profileOf([...broad.slice(1), entryOf('reader')]), profileOf(broad));
    const decision = decideEdit(edit, { namespaces: many, lists });
    assert.deepEqual([outcome(decision), decision.warnings], [['allow', 'allowed'], []]);
  });

  test('has hundreds of entries with the same namespaces and allowlists checked at once', () => {
    const edit = profileReview(profileOf(Array(500).fill(entryOf('reader'))));
    assert.deepEqual(outcome(decideEdit(edit, { namespaces: many, lists })), ['allow', 'allowed']);
  });

  test('has hundreds of entries checked that each select another value of a label', () => {
    const teams = new Map(
      Array.from({ length: 5_000 }, (_, index) => [`ns-${index}`, new Map([['team', `${index % 500}`]])]),
    );
    const edit = Array.from({ length: 500 }, (_, index) => ofTeam(`${index}`));
    const decision = decideEdit(profileReview(profileOf(edit)), { namespaces: teams, lists });
    assert.deepEqual(outcome(decision), ['allow', 'allowed']);
  });
});

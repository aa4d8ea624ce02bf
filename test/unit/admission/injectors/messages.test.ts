import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decideInjector } from '../../../../src/admission/injectors/decide.ts';
import { parseInjectorEdit } from '../../../../src/admission/injectors/read.ts';
import type { AdmissionRequest } from '../../../../src/admission/review.ts';
import { entryOf, profileOf, profileReview, selectorReview } from '../../../builders/injector-edit.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

const NAME = 'kubernetes.io/metadata.name';
const NAMESPACES = new Map(
  ['payments', 'analytics'].map((name) => [
    name,
    new Map([
      [NAME, name],
      ['kind', 'team'],
    ]),
  ]),
);
const PAYMENTS = allowlistOf('payments', { contact: '#payments' });
const SPARK = 'selector "spark" of ConfigMap eci-profile';

type Given = Readonly<{
  lists?: readonly ReturnType<typeof allowlistOf>[];
  action?: 'Deny' | 'Warn';
  inFiles?: boolean;
}>;

/** The denial of an edit, or its warnings. */
function say(review: AdmissionRequest, { lists = [PAYMENTS], action = 'Deny', inFiles = false }: Given = {}) {
  const { denial, warnings } = decideInjector(parseInjectorEdit(review) ?? assert.fail(), {
    action,
    policy: policyOf(lists),
    namespaces: inFiles ? undefined : NAMESPACES,
    excludedNamespaces: [],
    now: Date.parse('2026-11-25T10:00:00Z'),
  });
  return denial === undefined ? warnings : [denial.message];
}

const named = (name: string, role: string) =>
  entryOf(role, { namespaceSelector: { matchLabels: { [NAME]: name } } });

suite('the message of an edit', () => {
  const rows: readonly (Given & Readonly<{ name: string; now: unknown; old?: unknown; says: string }>)[] = [
    {
      name: 'whose role is not allowed',
      now: [named('payments', 'admin')],
      says: `${SPARK} sets RAM role "admin", which is not allowed in namespace "payments": no allowlist allows it for every ServiceAccount. Allowed: reader (allowlists: payments). Contact: #payments`,
    },
    {
      name: 'of a namespace that does not exist, beside two more',
      now: [named('later', 'admin'), named('payments', 'x'), named('payments', 'y')],
      says: `${SPARK} sets RAM role "admin", which is not allowed in namespace "later", which does not exist yet (and 2 more selectors): no allowlist selects this namespace. Contact: your cluster administrator`,
    },
    {
      name: 'with a protected role',
      now: [entryOf('KubernetesWorkerRole-1')],
      says: `${SPARK} sets RAM role "KubernetesWorkerRole-1", which is not allowed in any namespace: no allowlist can allow a protected role; remove it or name another role`,
    },
    {
      name: 'with an ARN',
      now: [entryOf('acs:ram::1:role/reader')],
      says: `${SPARK} sets RAM role "acs:ram::1:role/reader", which is not a RAM role name: use the role name "reader", not the ARN; remove it or name another role`,
    },
    {
      name: 'of allowlists in files',
      now: [entryOf('reader')],
      inFiles: true,
      says: `${SPARK} sets RAM role "reader", which is not allowed in every namespace: allowlists in files know no namespaces, so an allowlist for namespace * must allow it. Contact: your cluster administrator`,
    },
    {
      name: 'of allowlists in files, one for every namespace',
      now: [entryOf('admin')],
      lists: [allowlistOf('all', { namespaces: ['*'], contact: '#all' })],
      inFiles: true,
      says: `${SPARK} sets RAM role "admin", which is not allowed in every namespace: allowlists in files know no namespaces, so an allowlist for namespace * must allow it. Allowed: reader (allowlists: all). Contact: #all`,
    },
    {
      name: 'that cannot be read',
      now: [{}, entryOf(7), { effect: [entryOf('x')] }],
      says: 'data.selectors[1].effect.annotations["k8s.aliyun.com/eci-ram-role-name"]: expected a text, found 7 (and 1 more problem): the roles that it sets cannot be verified; fix or remove it',
    },
    {
      name: 'whose action is Warn',
      now: [named('payments', 'admin')],
      action: 'Warn',
      says: `${SPARK} sets RAM role "admin", which is not allowed in namespace "payments": no allowlist allows it for every ServiceAccount`,
    },
    {
      name: 'whose role is nearly one that is allowed, under Warn',
      now: [named('payments', 'raeder')],
      action: 'Warn',
      says: `${SPARK} sets RAM role "raeder", which is not allowed in namespace "payments": no allowlist allows it for every ServiceAccount; did you mean "reader"?`,
    },
    {
      name: 'that leaves an entry as it was',
      now: [named('payments', 'admin')],
      old: [named('payments', 'admin')],
      says: `${SPARK} sets RAM role "admin", which is not allowed in namespace "payments", as before this edit: no allowlist allows it for every ServiceAccount`,
    },
    {
      name: 'whose role is allowed for a time',
      now: [named('payments', 'reader')],
      lists: [allowlistOf('p', { expiresAt: '2026-11-26T09:00:00Z', reason: 'x' })],
      says: `${SPARK} sets RAM role "reader", which is allowed in namespace "payments" only until 2026-11-26T09:00:00Z; the selector still sets it after that`,
    },
    {
      name: 'that matches no namespace, as another',
      now: ['x', 'y'].map((team) => entryOf('admin', { namespaceSelector: { matchLabels: { team } } })),
      says: `${SPARK} matches no namespace today (and 1 more selector); a namespace that matches later gets RAM role "admin" even if it is not allowed there`,
    },
    {
      name: 'that matches too many namespaces',
      now: Array.from({ length: 500 }, (_, index) => ({
        ...entryOf('reader', {
          namespaceSelector: { matchExpressions: [{ key: `no-${index}`, operator: 'DoesNotExist' }] },
        }),
        name: `${index}`,
      })),
      lists: Array.from({ length: 500 }, (_, index) =>
        allowlistOf(`l${index}`, { namespaces: [index === 499 ? '*s' : 'none-*'] }),
      ),
      says: 'selector "75" of ConfigMap eci-profile sets RAM role "reader" in more namespaces than can be checked (and 424 more selectors); select fewer, or by the label kubernetes.io/metadata.name',
    },
  ];
  for (const { name, now, old, says, ...given } of rows) {
    test(name, () => {
      const review = profileReview(profileOf(now), old === undefined ? undefined : profileOf(old));
      assert.deepEqual(say(review, given), [says]);
    });
  }

  test('of a Selector names its namespace', () => {
    assert.match(
      say(selectorReview({ effect: entryOf('admin').effect }))[0] ?? '',
      /^Selector "tenant\/spark" sets/,
    );
  });
});

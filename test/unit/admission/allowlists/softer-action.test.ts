import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findSoftenedNamespaces,
  type SoftenedNamespace,
} from '../../../../src/admission/allowlists/softer-action.ts';
import { isGlob } from '../../../../src/policy/glob.ts';
import type { PolicySettings } from '../../../../src/policy/policy.ts';
import type { AllowlistSpec } from '../../../../src/policy/schema/allowlist.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

const NAME = 'kubernetes.io/metadata.name';

const NAMESPACES = new Map([
  ['payments', new Map([[NAME, 'payments']])],
  ['payments-eu', new Map([['team', 'payments']])],
  ['analytics', new Map<string, string>()],
]);

type Case = Readonly<{
  name: string;
  spec: Partial<AllowlistSpec>;
  /** The spec before the change; undefined if the allowlist is created. */
  before?: Partial<AllowlistSpec>;
  others?: Readonly<Record<string, Partial<AllowlistSpec>>>;
  settings?: Partial<PolicySettings>;
  namespaces?: typeof NAMESPACES | undefined;
  excludedNamespaces?: readonly string[];
  expected: readonly SoftenedNamespace[];
}>;

const softened = (
  namespace: string,
  from: SoftenedNamespace['from'],
  to: SoftenedNamespace['to'],
  isSelected = true,
): SoftenedNamespace => ({ namespace, from, to, isSelected });

const CASES: readonly Case[] = [
  {
    name: 'a namespace that was unlisted and denied',
    spec: { violationAction: 'Warn' },
    expected: [softened('payments', 'Deny', 'Warn')],
  },
  {
    name: 'nothing if the namespace becomes stricter than unlisted ones',
    spec: { violationAction: 'Warn' },
    settings: { unlistedNamespaces: 'Audit' },
    expected: [],
  },
  {
    name: 'nothing if another allowlist keeps the namespace strict',
    spec: { violationAction: 'Audit' },
    before: { violationAction: 'Deny' },
    others: { other: { violationAction: 'Deny' } },
    expected: [],
  },
  {
    name: 'nothing if the allowlist is the strictest and stays it',
    spec: { violationAction: 'Strip' },
    before: { violationAction: 'Strip' },
    others: { other: { violationAction: 'Audit' } },
    expected: [],
  },
  {
    name: 'the stricter of two softer actions',
    spec: { violationAction: 'Audit' },
    before: { violationAction: 'Deny' },
    others: { other: { violationAction: 'Strip' } },
    expected: [softened('payments', 'Deny', 'Strip')],
  },
  {
    name: 'several namespaces, by name',
    spec: { namespaces: ['payments', 'analytics'], violationAction: 'Audit' },
    before: { namespaces: ['payments', 'analytics'], violationAction: 'Warn' },
    expected: [softened('analytics', 'Warn', 'Audit'), softened('payments', 'Warn', 'Audit')],
  },
  {
    name: 'a namespace that is no longer selected',
    spec: { namespaces: ['analytics'] },
    before: { namespaces: ['payments'] },
    settings: { unlistedNamespaces: 'Warn' },
    expected: [softened('payments', 'Deny', 'Warn', false)],
  },
  {
    name: 'a namespace that is no longer selected, with the action of another allowlist',
    spec: { namespaces: ['analytics'] },
    before: { namespaces: ['payments'] },
    others: { other: { violationAction: 'Strip' } },
    expected: [softened('payments', 'Deny', 'Strip', false)],
  },
  {
    name: 'a namespace that was named and is now selected by a pattern',
    spec: { namespaces: ['pay*'], violationAction: 'Warn' },
    before: { namespaces: ['payments'] },
    expected: [softened('payments', 'Deny', 'Warn')],
  },
  {
    name: 'a namespace that was named and is now selected by its labels',
    spec: { namespaceSelector: { matchLabels: { team: 'payments' } }, violationAction: 'Warn' },
    before: { namespaces: ['payments-eu'] },
    expected: [softened('payments-eu', 'Deny', 'Warn')],
  },
  {
    name: 'nothing if another allowlist keeps a namespace strict by its labels',
    spec: { namespaces: ['payments-eu'], violationAction: 'Warn' },
    others: { other: { namespaceSelector: { matchLabels: { team: 'payments' } } } },
    expected: [],
  },
  {
    name: 'a namespace by its name alone if the namespaces are not known',
    spec: { namespaces: ['payments-eu'], violationAction: 'Warn' },
    others: { other: { namespaceSelector: { matchLabels: { team: 'payments' } } } },
    namespaces: undefined,
    expected: [softened('payments-eu', 'Deny', 'Warn')],
  },
  {
    name: 'namespaces that do not exist, named before or after',
    spec: { namespaces: ['one'], violationAction: 'Strip' },
    before: { namespaces: ['two'] },
    settings: { unlistedNamespaces: 'Strip' },
    expected: [softened('two', 'Deny', 'Strip', false)],
  },
  {
    name: 'nothing if an allowlist keeps a namespace that does not exist strict by its name or its label',
    spec: { namespaces: ['staging', 'qa'], violationAction: 'Warn' },
    others: {
      a: { namespaces: ['stag*'] },
      b: { namespaceSelector: { matchLabels: { [NAME]: 'qa' } } },
    },
    expected: [],
  },
  {
    name: 'nothing in namespaces that no exact name selects',
    spec: { namespaces: ['pay*'], violationAction: 'Warn' },
    before: { namespaces: ['pay*'] },
    expected: [],
  },
  {
    name: 'nothing in excluded namespaces',
    spec: { namespaces: ['payments', 'analytics'], violationAction: 'Warn' },
    excludedNamespaces: ['analytics'],
    expected: [softened('payments', 'Deny', 'Warn')],
  },
];

for (const { name, spec, before, others = {}, settings, expected, ...given } of CASES) {
  test(`finds ${name}`, () => {
    const lists = Object.entries(others).map(([other, of]) => allowlistOf(other, of));
    const policy = policyOf(before ? [...lists, allowlistOf('list', before)] : lists, settings);
    const facts = { policy, namespaces: NAMESPACES, excludedNamespaces: [], ...given };
    const namespacesBefore = (before?.namespaces ?? []).filter((namespace) => !isGlob(namespace));
    assert.deepEqual(findSoftenedNamespaces(allowlistOf('list', spec), namespacesBefore, facts), expected);
  });
}

test('compares at most some tens of thousands of allowlists, those of the first namespaces', () => {
  const namespaces = Array.from({ length: 150 }, (_, index) => `shop-${String(index).padStart(3, '0')}`);
  const others = Array.from({ length: 199 }, (_, index) =>
    allowlistOf(`other-${index}`, { namespaces: ['shop-*'], violationAction: 'Warn' }),
  );
  const policy = policyOf([...others, allowlistOf('list', { namespaces })]);
  const after = allowlistOf('list', { namespaces, violationAction: 'Audit' });
  const facts = { policy, namespaces: undefined, excludedNamespaces: [] };
  // 200 allowlists select each namespace.
  assert.deepEqual(
    findSoftenedNamespaces(after, namespaces, facts),
    namespaces.slice(0, 101).map((namespace) => softened(namespace, 'Deny', 'Warn')),
  );
});

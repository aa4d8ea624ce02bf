import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { evaluate } from '../../../src/policy/evaluate.ts';
import type { AllowlistSpec } from '../../../src/policy/schema/allowlist.ts';
import { allowlistOf, policyOf, subjectOf } from '../../builders/policy.ts';

function giving(role: string, spec: Partial<AllowlistSpec> = {}) {
  return { roles: [role], defaultRole: role, ...spec };
}

suite('findDefaultRole', () => {
  const cases = [
    { name: 'no list has a default', lists: [allowlistOf('a')], found: undefined },
    {
      name: 'a list has one',
      lists: [allowlistOf('a', giving('ra'))],
      found: { role: 'ra', allowlist: 'a', conflictsWith: [] },
    },
    {
      name: 'an exact namespace ranks before a glob',
      lists: [allowlistOf('a', giving('ra', { namespaces: ['pay*'] })), allowlistOf('b', giving('rb'))],
      found: { role: 'rb', allowlist: 'b', conflictsWith: [] },
    },
    {
      name: 'a glob ranks before a selector, whatever ServiceAccounts it has',
      lists: [
        allowlistOf('a', giving('ra', { namespaceSelector: {}, serviceAccounts: ['default'] })),
        allowlistOf('b', giving('rb', { namespaces: ['*'] })),
      ],
      found: { role: 'rb', allowlist: 'b', conflictsWith: [] },
    },
    {
      name: 'ServiceAccounts rank before none',
      lists: [allowlistOf('a', giving('ra')), allowlistOf('b', giving('rb', { serviceAccounts: ['d*'] }))],
      found: { role: 'rb', allowlist: 'b', conflictsWith: [] },
    },
    {
      name: 'names alone decide, in conflict with all that differ',
      lists: [
        allowlistOf('d', giving('rd')),
        allowlistOf('b', giving('rb')),
        allowlistOf('c', giving('rb')),
        allowlistOf('a', giving('rb', { namespaces: ['*'] })),
      ],
      found: { role: 'rb', allowlist: 'b', conflictsWith: ['d'] },
    },
  ];

  for (const { name, lists, found } of cases) {
    test(`finds ${found?.role} where ${name}`, () => {
      for (const ordered of [lists, lists.toReversed()]) {
        assert.deepEqual(evaluate(policyOf(ordered), subjectOf(), 0), {
          verdict: 'no-role',
          defaultRole: found,
        });
      }
    });
  }

  const targets = [
    { name: 'a pod with a marker', subject: {}, settings: {}, spec: {}, role: 'ra' },
    { name: 'a pod without one', subject: { hasEciMarker: false }, settings: {}, spec: {}, role: undefined },
    {
      name: 'any pod of AllPods',
      subject: { hasEciMarker: false },
      settings: {},
      spec: { injectInto: 'AllPods' },
      role: 'ra',
    },
    {
      name: 'any pod of all-pods',
      subject: { hasEciMarker: false },
      settings: { eciDetection: 'all-pods' },
      spec: {},
      role: 'ra',
    },
    {
      name: 'a mirror pod',
      subject: { isMirrorPod: true },
      settings: { eciDetection: 'all-pods' },
      spec: { injectInto: 'AllPods' },
      role: undefined,
    },
  ] as const;

  for (const { name, subject, settings, spec, role } of targets) {
    test(`finds ${role} for ${name}`, () => {
      const policy = policyOf([allowlistOf('a', giving('ra', spec))], settings);

      assert.equal(Reflect.get(evaluate(policy, subjectOf(subject), 0), 'defaultRole')?.role, role);
    });
  }

  test('finds none that is a protected role', () => {
    const policy = policyOf([allowlistOf('a', giving('KubernetesWorkerRole-1'))]);

    assert.deepEqual(evaluate(policy, subjectOf(), 0), { verdict: 'no-role', defaultRole: undefined });
  });
});

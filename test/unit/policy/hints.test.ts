import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { hintFor } from '../../../src/policy/hints.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import { allowlistOf, policyOf, subjectOf } from '../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

function hintOn(role: string, lists: readonly Allowlist[]): string | undefined {
  const evaluation = evaluate(policyOf(lists), subjectOf({ requestedRole: role }), NOW);
  assert.equal(evaluation.verdict, 'violation');
  return hintFor(evaluation);
}

const ARN = 'use the role name "reader", not the ARN';
const UNNAMED_ARN = "use the role's name, not the ARN";
const PLACEHOLDER = 'replace the placeholder';
const CHARACTERS = 'use only letters, digits, dots, underscores, hyphens and @';
const WHITESPACE = 'remove the whitespace around "reader"';
const BLANK = 'name a role, or remove the annotation';

suite('hintFor', () => {
  const invalid = [
    { role: 'acs:ram::1:role/reader', hint: ARN },
    { role: ' acs:ram::1:role/reader ', hint: ARN },
    { role: 'acs:ram::1:role/', hint: UNNAMED_ARN },
    { role: `acs:ram::1:role/${'r'.repeat(65)}`, hint: UNNAMED_ARN },
    { role: `acs:ram::1:role/\${ROLE}`, hint: UNNAMED_ARN },
    { role: `\${your_ram_role_name}`, hint: PLACEHOLDER },
    { role: `\${}`, hint: PLACEHOLDER },
    { role: 'a-$(ROLE)', hint: PLACEHOLDER },
    { role: '{{ .Values.role }}', hint: PLACEHOLDER },
    { role: '{{\n.Values.role\n}}', hint: PLACEHOLDER },
    { role: '<your-role>', hint: PLACEHOLDER },
    { role: ' <your-role>\n', hint: PLACEHOLDER },
    { role: '$ROLE', hint: CHARACTERS },
    { role: '${ROLE', hint: CHARACTERS },
    { role: ' reader', hint: WHITESPACE },
    { role: '\treader\r\n', hint: WHITESPACE },
    { role: ' ', hint: BLANK },
    { role: '\u00a0\u3000', hint: BLANK },
    { role: `${' '.repeat(300)}reader`, hint: WHITESPACE },
    { role: `a${' '.repeat(300)}b`, hint: 'a role name has at most 64 characters, this one has 302' },
    { role: 'r'.repeat(65), hint: 'a role name has at most 64 characters, this one has 65' },
    { role: 'reader*', hint: CHARACTERS },
    { role: 'a b', hint: CHARACTERS },
  ];

  for (const { role, hint } of invalid) {
    test(`gives "${hint}" for the impossible name ${JSON.stringify(role)}`, () => {
      assert.equal(hintOn(role, [allowlistOf('a', { roles: ['*'] })]), hint);
    });
  }

  const caseOf = (role: string) => `did you mean "${role}" (role names are case-sensitive)?`;
  const meant = (role: string) => `did you mean "${role}"?`;

  const possible = [
    { name: 'another case', role: 'Reader', lists: [allowlistOf('a')], hint: caseOf('reader') },
    {
      name: 'another case of a glob',
      role: 'PAY-1',
      lists: [allowlistOf('a', { roles: ['pay-*'] })],
      hint: caseOf('pay-*'),
    },
    {
      name: 'another case, rather than another account',
      role: 'Reader',
      lists: [allowlistOf('a'), allowlistOf('b', { roles: ['Reader'], serviceAccounts: ['api'] })],
      hint: caseOf('reader'),
    },
    { name: 'a typing mistake', role: 'raeder', lists: [allowlistOf('a')], hint: meant('reader') },
    {
      name: 'the nearest of several',
      role: 'reeder',
      lists: [allowlistOf('a', { roles: ['feeder-1', 'reader'] })],
      hint: meant('reader'),
    },
    {
      name: 'nothing if only a glob is near',
      role: 'raeder',
      lists: [allowlistOf('a', { roles: ['reade*'] })],
      hint: undefined,
    },
    { name: 'nothing if all are far', role: 'writer', lists: [allowlistOf('a')], hint: undefined },
    {
      name: 'nothing if all are short',
      role: 'x',
      lists: [allowlistOf('a', { roles: ['y', 'xy'] })],
      hint: undefined,
    },
    {
      name: 'other accounts, sorted, each once and five at most',
      role: 'reader',
      lists: [
        allowlistOf('a', { serviceAccounts: ['f', 'e', 'd', 'c'] }),
        allowlistOf('b', { serviceAccounts: ['f', 'b', 'a'] }),
      ],
      hint: 'it is allowed for ServiceAccounts a, b, c, d, e',
    },
    {
      name: 'the one other account',
      role: 'reader',
      lists: [allowlistOf('a', { serviceAccounts: ['batch-*'] })],
      hint: 'it is allowed for ServiceAccount batch-*',
    },
    {
      name: 'nothing if the allowlist of other accounts has expired',
      role: 'reader',
      lists: [allowlistOf('a', { serviceAccounts: ['api'], expiresAt: '2026-01-01T00:00:00Z', reason: 'x' })],
      hint: undefined,
    },
    {
      name: 'nothing about a role that only other accounts may name',
      role: 'raeder',
      lists: [allowlistOf('a', { serviceAccounts: ['api'] })],
      hint: undefined,
    },
    {
      name: 'nothing if the role has expired, however near another is',
      role: 'reader',
      lists: [
        allowlistOf('a', { expiresAt: '2026-01-01T00:00:00Z', reason: 'x' }),
        allowlistOf('b', { roles: ['readers', 'READER'] }),
      ],
      hint: undefined,
    },
    { name: 'nothing if no allowlist selects the namespace', role: 'reader', lists: [], hint: undefined },
    {
      name: 'nothing for a protected role',
      role: 'KUBERNETESWORKERROLE-1',
      lists: [allowlistOf('a', { roles: ['*'] })],
      hint: undefined,
    },
    {
      name: 'no role that is near but protected',
      role: 'KubernetesWorkerRol-1',
      lists: [allowlistOf('a', { roles: ['KubernetesWorkerRole-1'] })],
      hint: undefined,
    },
  ];

  for (const { name, role, lists, hint } of possible) {
    test(`gives ${name}`, () => {
      assert.equal(hintOn(role, lists), hint);
    });
  }

  const hostile = ['${', 'a', ' ', '{{', '<', '$(', 'acs:ram::', '\ud800', '\u200b', '*'];

  for (const unit of hostile) {
    test(`ends on a value of 1 MiB of ${JSON.stringify(unit)}`, () => {
      const role = unit.repeat((1024 * 1024) / unit.length);

      assert.match(hintOn(role, [allowlistOf('a', { roles: ['*'] })]) ?? '', /^[ -~]{10,120}$/);
    });
  }

  test('compares a bounded number of roles', () => {
    const lists = Array.from({ length: 300 }, (_, list) =>
      allowlistOf(`list-${String(list).padStart(3, '0')}`, {
        roles: Array.from({ length: 256 }, (_, role) => `team-${list}-reader-${role}`),
      }),
    );

    assert.equal(hintOn('team-0-raeder-7', lists), meant('team-0-reader-7'));
    assert.equal(hintOn('team-299-raeder-7', lists), undefined);
  });
});

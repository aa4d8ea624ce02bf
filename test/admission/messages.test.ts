import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  admissionWarning,
  denialMessage,
  expiryWarning,
  malformedMessage,
  stripWarning,
} from '../../src/admission/messages.ts';
import { compileAllowlist } from '../../src/policy/allowlist.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import type { Subject } from '../../src/policy/subject.ts';
import { allowlistOf, policyOf, subjectOf } from '../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

function violationOf(lists: readonly Allowlist[], subject: Subject, settings: Partial<PolicySettings> = {}) {
  const evaluation = evaluate(policyOf(lists, settings), subject, NOW);
  assert.equal(evaluation.verdict, 'violation');
  return evaluation;
}

suite('denialMessage', () => {
  const expired = { expiresAt: '2026-11-01T00:00:00Z', reason: 'incident 4711' };

  const cases = [
    {
      name: 'a role not allowed',
      lists: [
        allowlistOf('pay', { contact: '#pay', roles: ['reader', 'pay-*'] }),
        allowlistOf('all', { namespaces: ['*'] }),
      ],
      subject: { requestedRole: 'writer', serviceAccount: 'api' },
      message:
        'RAM role "writer" is not allowed for ServiceAccount "api" in namespace "payments": no allowlist allows it to this pod; allowlists consulted: all, pay; roles allowed there: pay-*, reader; ask: #pay',
    },
    {
      name: 'a typing mistake',
      lists: [allowlistOf('pay')],
      subject: { requestedRole: 'raeder' },
      message:
        'RAM role "raeder" is not allowed for ServiceAccount "default" in namespace "payments": no allowlist allows it to this pod; hint: perhaps "reader" is meant; allowlists consulted: pay; roles allowed there: reader; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    },
    {
      name: 'a namespace that no list selects',
      lists: [],
      subject: { requestedRole: 'reader' },
      message:
        'RAM role "reader" is not allowed for ServiceAccount "default" in namespace "payments": no allowlist selects the namespace; allowlists consulted: none; roles allowed there: none; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    },
    {
      name: 'a request without a namespace',
      lists: [],
      subject: { requestedRole: 'reader', namespace: '' },
      message:
        'RAM role "reader" is not allowed for ServiceAccount "default" in a request without a namespace: no allowlist selects the namespace; allowlists consulted: none; roles allowed there: none; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    },
    {
      name: 'an expired role',
      lists: [
        allowlistOf('b', expired),
        allowlistOf('a', expired),
        allowlistOf('c', { roles: [], contact: '#c' }),
      ],
      subject: { requestedRole: 'reader' },
      message:
        'RAM role "reader" is not allowed for ServiceAccount "default" in namespace "payments": the allowlists that allowed it have expired (a at 2026-11-01T00:00:00Z, b at 2026-11-01T00:00:00Z); allowlists consulted: a, b, c; roles allowed there: none; ask: #c',
    },
    {
      name: 'an expired role that other accounts still have',
      lists: [allowlistOf('a', expired), allowlistOf('b', { serviceAccounts: ['api'] })],
      subject: { requestedRole: 'reader', serviceAccount: 'web' },
      message:
        'RAM role "reader" is not allowed for ServiceAccount "web" in namespace "payments": the allowlists that allowed it have expired (a at 2026-11-01T00:00:00Z); hint: it is allowed to pods that run as api; allowlists consulted: a, b; roles allowed there: none; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    },
    {
      name: 'a contact of several lists',
      lists: [
        allowlistOf('a', { contact: '#x' }),
        allowlistOf('b', { contact: '#x' }),
        allowlistOf('c', { contact: '' }),
      ],
      subject: { requestedRole: 'writer' },
      message:
        'RAM role "writer" is not allowed for ServiceAccount "default" in namespace "payments": no allowlist allows it to this pod; allowlists consulted: a, b, c; roles allowed there: reader; ask: #x',
    },
    {
      name: 'a protected role',
      lists: [allowlistOf('open', { roles: ['*', 'KubernetesWorkerRole-*'] })],
      subject: { requestedRole: 'KubernetesWorkerRole-1' },
      message:
        'RAM role "KubernetesWorkerRole-1" is not allowed for ServiceAccount "default" in namespace "payments": it is a protected role, which no allowlist can open; allowlists consulted: open; roles allowed there: *; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    },
    {
      name: 'an ARN',
      lists: [allowlistOf('pay')],
      subject: { requestedRole: 'acs:ram::1:role/reader' },
      message:
        'RAM role "acs:ram::1:role/reader" is not allowed for ServiceAccount "default" in namespace "payments": no RAM role can have this name; hint: the annotation takes no ARN, use the role name "reader"; allowlists consulted: pay; roles allowed there: reader; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    },
  ];

  for (const { name, lists, subject, message } of cases) {
    test(`tells all that helps of ${name}`, () => {
      const whole = subjectOf(subject);

      assert.equal(denialMessage(whole, violationOf(lists, whole)), message);
    });
  }

  test('lists ten lists, ten roles and three contacts at most', () => {
    const lists = Array.from({ length: 13 }, (_, index) => {
      const letter = String.fromCharCode(97 + index);
      return allowlistOf(`list-${letter}`, { roles: [`role-${letter}`], contact: `#${letter}` });
    });
    const subject = subjectOf({ requestedRole: 'writer' });

    assert.match(
      denialMessage(subject, violationOf(lists, subject)),
      /consulted: (list-[a-j](, )?){10} and 3 more; .* there: (role-[a-j](, )?){10} and 3 more; ask: #a, #b, #c$/,
    );
  });

  test('shows a contact whole, on one line', () => {
    const contact = '\u{1F600}'.repeat(127);
    const subject = subjectOf({ requestedRole: 'writer' });

    assert.ok(
      denialMessage(subject, violationOf([allowlistOf('a', { contact: `${contact}\n` })], subject)).endsWith(
        `; ask: ${contact}\uFFFD`,
      ),
    );
  });

  test('cuts every value of the request to 80 characters', () => {
    const long = 'x'.repeat(5000);
    const subject = subjectOf({ requestedRole: long, namespace: long, serviceAccount: long });
    const message = denialMessage(subject, violationOf([], subject));

    assert.equal(message.match(/"x{80}"…/g)?.length, 3);
    assert.doesNotMatch(message, /x{81}/);
  });
});

suite('warnings', () => {
  const subject = subjectOf({ requestedRole: 'raeder' });

  test('tell of a role that is admitted all the same', () => {
    assert.equal(
      admissionWarning(subject, violationOf([allowlistOf('a', { violationAction: 'Warn' })], subject)),
      'RAM role "raeder" is not allowed in namespace "payments", admitted all the same for now: no allowlist allows it to this pod; hint: perhaps "reader" is meant',
    );
  });

  test('tell of a role that was removed', () => {
    assert.equal(
      stripWarning(subject, violationOf([], subject, { unlistedNamespaces: 'Strip' })),
      'RAM role "raeder" is not allowed in namespace "payments", annotation removed: no allowlist selects the namespace',
    );
  });

  test('tell of a default that took its place', () => {
    const lists = [
      allowlistOf('a', { violationAction: 'Strip', roles: ['a-reader'], defaultRole: 'a-reader' }),
    ];

    assert.equal(
      stripWarning(subject, violationOf(lists, subject)),
      'RAM role "raeder" is not allowed in namespace "payments", annotation removed, "a-reader" set by default: no allowlist allows it to this pod',
    );
  });

  const reasons = [
    {
      name: 'not-allowed',
      role: 'writer',
      lists: [allowlistOf('a')],
      why: 'no allowlist allows it to this pod',
    },
    { name: 'no-allowlist', role: 'reader', lists: [], why: 'no allowlist selects the namespace' },
    {
      name: 'expired',
      role: 'reader',
      lists: [allowlistOf('a', { expiresAt: '2026-11-01T00:00:00Z', reason: 'incident 4711' })],
      why: 'the allowlists that allowed it have expired (a at 2026-11-01T00:00:00Z)',
    },
    {
      name: 'invalid-name',
      role: '<your-role>',
      lists: [allowlistOf('a')],
      why: 'no RAM role can have this name; hint: a placeholder was left unsubstituted, put the name of a role in its place',
    },
  ];

  for (const { name, role, lists, why } of reasons) {
    test(`tell why, of the reason ${name}`, () => {
      const subject = subjectOf({ requestedRole: role });
      const violation = violationOf(lists, subject);
      const verdict = `RAM role "${role}" is not allowed in namespace "payments"`;

      assert.equal(admissionWarning(subject, violation), `${verdict}, admitted all the same for now: ${why}`);
      assert.equal(stripWarning(subject, violation), `${verdict}, annotation removed: ${why}`);
    });
  }

  const expiring = [
    { reason: 'incident 4711', ending: ': incident 4711' },
    { reason: undefined, ending: '' },
    { reason: 'a\nb', ending: ': a\uFFFDb' },
  ];

  for (const { reason, ending } of expiring) {
    test(`tell of the time left, ending in "${ending}"`, () => {
      const allowlist = compileAllowlist(
        allowlistOf('a', { expiresAt: '2026-11-26T12:00:00Z', reason }),
        () => false,
      );

      assert.equal(
        expiryWarning(subject, 'reader', allowlist, NOW),
        `RAM role "reader" is allowed in namespace "payments" for 1d 2h more, until 2026-11-26T12:00:00Z${ending}`,
      );
    });
  }

  const long = subjectOf({ requestedRole: 'r '.repeat(60), namespace: 'n'.repeat(90) });

  test('are cut below 256 characters, with a mark', () => {
    const warning = admissionWarning(long, violationOf([], long, { unlistedNamespaces: 'Warn' }));

    assert.equal(warning.length, 255);
    assert.ok(warning.endsWith('…'));
  });

  test('are not cut through a character', () => {
    for (const length of [74, 75]) {
      const reason = `${'r'.repeat(length)}${'\u{1F600}'.repeat(50)}`;
      const allowlist = compileAllowlist(
        allowlistOf('a', { expiresAt: '2026-11-26T12:00:00Z', reason }),
        () => false,
      );
      const warning = expiryWarning(subject, 'reader', allowlist, NOW);

      assert.ok(warning.length < 256 && warning.length > 253);
      assert.ok(warning.isWellFormed());
    }
  });
});

suite('malformedMessage', () => {
  test('tells what is malformed', () => {
    assert.equal(
      malformedMessage('metadata: expected an object'),
      'malformed pod: metadata: expected an object',
    );
  });
});

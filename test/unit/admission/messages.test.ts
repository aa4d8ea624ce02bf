import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { denialMessage, violationWarning } from '../../../src/admission/messages.ts';
import { allowlistOf, subjectOf } from '../../builders/policy.ts';
import { violationOf } from '../../builders/violation.ts';

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
        'RAM role "writer" is not allowed in namespace "payments". Allowed for ServiceAccount "api": pay-*, reader (allowlists: all, pay). Contact: #pay',
    },
    {
      name: 'a typing mistake',
      lists: [allowlistOf('pay')],
      subject: { requestedRole: 'raeder' },
      message:
        'RAM role "raeder" is not allowed in namespace "payments"; did you mean "reader"? Allowed for ServiceAccount "default": reader (allowlists: pay). Contact: your cluster administrator',
    },
    {
      name: 'another case',
      lists: [allowlistOf('pay')],
      subject: { requestedRole: 'Reader' },
      message:
        'RAM role "Reader" is not allowed in namespace "payments"; did you mean "reader" (role names are case-sensitive)? Allowed for ServiceAccount "default": reader (allowlists: pay). Contact: your cluster administrator',
    },
    {
      name: 'a role of another ServiceAccount',
      lists: [allowlistOf('pay', { serviceAccounts: ['batch-*'] })],
      subject: { requestedRole: 'reader' },
      message:
        'RAM role "reader" is not allowed in namespace "payments"; it is allowed for ServiceAccount batch-*. No role is allowed for ServiceAccount "default" (allowlists: pay). Contact: your cluster administrator',
    },
    {
      name: 'a namespace that no allowlist selects',
      lists: [],
      subject: { requestedRole: 'reader' },
      message:
        'RAM role "reader" is not allowed in namespace "payments": no allowlist selects this namespace. Contact: your cluster administrator',
    },
    {
      name: 'a namespace that is not known yet',
      lists: [allowlistOf('pay')],
      subject: { requestedRole: 'writer', namespaceLabels: undefined },
      message:
        'RAM role "writer" is not allowed in namespace "payments": the webhook does not know this namespace yet; try again. Allowed for ServiceAccount "default": reader (allowlists: pay). Contact: your cluster administrator',
    },
    {
      name: 'a request without a namespace',
      lists: [],
      subject: { requestedRole: 'reader', namespace: '' },
      message:
        'RAM role "reader" is not allowed in a request without a namespace: no allowlist selects this namespace. Contact: your cluster administrator',
    },
    {
      name: 'an expired role',
      lists: [allowlistOf('a', expired)],
      subject: { requestedRole: 'reader' },
      message:
        'RAM role "reader" is not allowed in namespace "payments": the allowlist has expired (a at 2026-11-01T00:00:00Z). No role is allowed for ServiceAccount "default" (allowlists: a). Contact: your cluster administrator',
    },
    {
      name: 'a role of several expired allowlists',
      lists: [
        allowlistOf('b', expired),
        allowlistOf('a', expired),
        allowlistOf('c', { roles: [], contact: '#c' }),
      ],
      subject: { requestedRole: 'reader' },
      message:
        'RAM role "reader" is not allowed in namespace "payments": the allowlists have expired (a at 2026-11-01T00:00:00Z, b at 2026-11-01T00:00:00Z). No role is allowed for ServiceAccount "default" (allowlists: a, b, c). Contact: #c',
    },
    {
      name: 'an expired role that other accounts still have',
      lists: [allowlistOf('a', expired), allowlistOf('b', { serviceAccounts: ['api'] })],
      subject: { requestedRole: 'reader', serviceAccount: 'web' },
      message:
        'RAM role "reader" is not allowed in namespace "payments": the allowlist has expired (a at 2026-11-01T00:00:00Z); it is allowed for ServiceAccount api. No role is allowed for ServiceAccount "web" (allowlists: a, b). Contact: your cluster administrator',
    },
    {
      name: 'more allowlists than are searched for the roles of a pod, none of which covers it',
      lists: Array.from({ length: 257 }, (_, index) =>
        allowlistOf(`list-${100 + index}`, { serviceAccounts: ['api'] }),
      ),
      subject: { requestedRole: 'writer' },
      message:
        'RAM role "writer" is not allowed in namespace "payments". Allowlists: list-100, list-101, list-102, list-103, list-104, list-105, list-106, list-107, list-108, list-109 and 247 more. Contact: your cluster administrator',
    },
    {
      name: 'one contact of several allowlists',
      lists: [
        allowlistOf('a', { contact: '#x' }),
        allowlistOf('b', { contact: '#x' }),
        allowlistOf('c', { contact: '' }),
      ],
      subject: { requestedRole: 'writer' },
      message:
        'RAM role "writer" is not allowed in namespace "payments". Allowed for ServiceAccount "default": reader (allowlists: a, b, c). Contact: #x',
    },
    {
      name: 'a protected role',
      lists: [allowlistOf('open', { roles: ['*', 'KubernetesWorkerRole-*'] })],
      subject: { requestedRole: 'KubernetesWorkerRole-1' },
      message:
        'RAM role "KubernetesWorkerRole-1" is not allowed in namespace "payments": no allowlist can allow a protected role. Allowed for ServiceAccount "default": * (allowlists: open). Contact: your cluster administrator',
    },
    {
      name: 'an ARN',
      lists: [allowlistOf('pay')],
      subject: { requestedRole: 'acs:ram::1:role/reader' },
      message:
        'RAM role "acs:ram::1:role/reader" is not a RAM role name: use the role name "reader", not the ARN. Allowed for ServiceAccount "default": reader (allowlists: pay). Contact: your cluster administrator',
    },
  ];

  for (const { name, lists, subject, message } of cases) {
    test(`gives the verdict, the fix, the allowed roles and the contact for ${name}`, () => {
      const whole = subjectOf(subject);

      assert.equal(denialMessage(whole, violationOf(lists, whole)), message);
    });
  }

  test('names at most ten allowlists, ten roles and three contacts', () => {
    const lists = Array.from({ length: 13 }, (_, index) => {
      const letter = String.fromCharCode(97 + index);
      return allowlistOf(`list-${letter}`, { roles: [`role-${letter}`], contact: `#${letter}` });
    });
    const subject = subjectOf({ requestedRole: 'writer' });

    assert.match(
      denialMessage(subject, violationOf(lists, subject)),
      /: (role-[a-j](, )?){10} and 3 more \(allowlists: (list-[a-j](, )?){10} and 3 more\)\. Contact: #a, #b, #c$/,
    );
  });

  test('shows a contact whole, on one line', () => {
    const contact = '\u{1F600}'.repeat(127);
    const subject = subjectOf({ requestedRole: 'writer' });

    assert.ok(
      denialMessage(subject, violationOf([allowlistOf('a', { contact: `${contact}\n` })], subject)).endsWith(
        ` Contact: ${contact}\uFFFD`,
      ),
    );
  });

  test('cuts every value of the request to 80 characters', () => {
    const long = 'x'.repeat(5000);
    const lists = [allowlistOf('a', { namespaces: ['*'] })];
    const subjects = [
      subjectOf({ requestedRole: long, serviceAccount: long }),
      subjectOf({ requestedRole: 'writer', namespace: long, serviceAccount: long }),
    ];

    for (const subject of subjects) {
      const message = denialMessage(subject, violationOf(lists, subject));

      assert.equal(message.match(/"x{80}"…/g)?.length, 2);
      assert.doesNotMatch(message, /x{81}/);
    }
  });
});

suite('violationWarning', () => {
  const cases = [
    {
      name: 'not-allowed',
      role: 'writer',
      lists: [allowlistOf('a')],
      warning: 'RAM role "writer" is not allowed in namespace "payments", admitted',
    },
    {
      name: 'not-allowed with a fix',
      role: 'raeder',
      lists: [allowlistOf('a')],
      warning: 'RAM role "raeder" is not allowed in namespace "payments", admitted; did you mean "reader"?',
    },
    {
      name: 'no-allowlist',
      role: 'reader',
      lists: [],
      warning:
        'RAM role "reader" is not allowed in namespace "payments", admitted: no allowlist selects this namespace',
    },
    {
      name: 'expired',
      role: 'reader',
      lists: [allowlistOf('a', { expiresAt: '2026-11-01T00:00:00Z', reason: 'incident 4711' })],
      warning:
        'RAM role "reader" is not allowed in namespace "payments", admitted: the allowlist has expired (a at 2026-11-01T00:00:00Z)',
    },
    {
      name: 'invalid-name',
      role: '<your-role>',
      lists: [allowlistOf('a')],
      warning: 'RAM role "<your-role>" is not a RAM role name, admitted: replace the placeholder',
    },
  ];

  for (const { name, role, lists, warning } of cases) {
    test(`gives the verdict, the outcome and the cause or the fix of ${name}`, () => {
      const subject = subjectOf({ requestedRole: role });

      assert.equal(violationWarning(subject, violationOf(lists, subject), 'admitted'), warning);
    });
  }

  test('has at most 255 characters, the last a mark if it was cut', () => {
    const subject = subjectOf({ requestedRole: 'r '.repeat(60), namespace: 'n'.repeat(90) });
    const warning = violationWarning(subject, violationOf([], subject), 'o'.repeat(250));

    assert.equal(warning.length, 255);
    assert.ok(warning.endsWith('…'));
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  admissionWarning,
  expiryWarning,
  malformedMessage,
  misspeltKeyWarning,
  roleLabelWarning,
  stripWarning,
} from '../../../../src/admission/pods/messages.ts';
import { compileAllowlist } from '../../../../src/policy/allowlist.ts';
import { allowlistOf, subjectOf } from '../../../builders/policy.ts';
import { NOW, violationOf } from '../../../builders/violation.ts';

const subject = subjectOf({ requestedRole: 'writer' });

suite('admissionWarning', () => {
  test('names the action of the allowlists', () => {
    const violation = violationOf([allowlistOf('a', { violationAction: 'Warn' })], subject);

    assert.equal(
      admissionWarning(subject, violation),
      'RAM role "writer" is not allowed in namespace "payments", admitted (violationAction: Warn)',
    );
  });

  test('names the setting for namespaces without an allowlist', () => {
    const violation = violationOf([], subject, { unlistedNamespaces: 'Warn' });

    assert.equal(
      admissionWarning(subject, violation),
      'RAM role "writer" is not allowed in namespace "payments", admitted (unlistedNamespaces: Warn): no allowlist selects this namespace',
    );
  });

  test('names the stricter of the two if the value is not a role name', () => {
    const subject = subjectOf({ requestedRole: '<your-role>' });
    const lists = [allowlistOf('a', { violationAction: 'Audit' })];

    assert.equal(
      admissionWarning(subject, violationOf(lists, subject, { unlistedNamespaces: 'Warn' })),
      'RAM role "<your-role>" is not a RAM role name, admitted (unlistedNamespaces: Warn): replace the placeholder',
    );
  });
});

suite('stripWarning', () => {
  test('names the role that was removed', () => {
    const violation = violationOf([], subject, { unlistedNamespaces: 'Strip' });

    assert.equal(
      stripWarning(subject, violation),
      'RAM role "writer" is not allowed in namespace "payments", annotation removed (unlistedNamespaces: Strip): no allowlist selects this namespace',
    );
  });

  test('names the default role that was injected', () => {
    const lists = [
      allowlistOf('a', { violationAction: 'Strip', roles: ['a-reader'], defaultRole: 'a-reader' }),
    ];

    assert.equal(
      stripWarning(subject, violationOf(lists, subject)),
      'RAM role "writer" is not allowed in namespace "payments", annotation removed (violationAction: Strip), default role "a-reader" injected',
    );
  });
});

suite('expiryWarning', () => {
  const expiringFor = (reason: string | undefined) =>
    compileAllowlist(allowlistOf('a', { expiresAt: '2026-11-26T12:00:00Z', reason }), () => false);

  const endings = [
    { reason: 'incident 4711', ending: ' (reason: incident 4711)' },
    { reason: undefined, ending: '' },
    { reason: 'a\nb', ending: ' (reason: a\uFFFDb)' },
  ];

  for (const { reason, ending } of endings) {
    test(`gives the time left, with "${ending}" at its end`, () => {
      assert.equal(
        expiryWarning(subject, 'reader', expiringFor(reason), NOW),
        `RAM role "reader" is allowed in namespace "payments" for another 1d 2h, until 2026-11-26T12:00:00Z${ending}`,
      );
    });
  }

  test('is not cut through a character', () => {
    const start = expiryWarning(subject, 'reader', expiringFor('r'), NOW).length - 'r)'.length;

    for (const length of [252, 253]) {
      const reason = `${'r'.repeat(length - start)}${'\u{1F600}'.repeat(50)}`;
      const warning = expiryWarning(subject, 'reader', expiringFor(reason), NOW);

      assert.ok(warning.length < 256 && warning.length > 253, `${warning.length}`);
      assert.ok(warning.isWellFormed());
      assert.ok(warning.endsWith('…'));
    }
  });
});

suite('malformedMessage', () => {
  test('names the part of the pod that cannot be read', () => {
    assert.equal(
      malformedMessage({ path: ['metadata'], expected: 'an object', found: 'null' }),
      'cannot read this pod: metadata: expected an object, found null',
    );
  });
});

suite('roleLabelWarning', () => {
  test('names the label and the annotation that sets the role', () => {
    assert.equal(
      roleLabelWarning('k8s.aliyun.com/eci-ram-role-name'),
      'label "k8s.aliyun.com/eci-ram-role-name" in metadata.labels of this Pod sets no RAM role; set the annotation k8s.aliyun.com/eci-ram-role-name',
    );
  });
});

suite('misspeltKeyWarning', () => {
  test('names the key and the one that was probably meant', () => {
    assert.equal(
      misspeltKeyWarning('K8S.aliyun.com/eci-ram-role-name'),
      'annotation "K8S.aliyun.com/eci-ram-role-name" in metadata.annotations of this Pod sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?',
    );
  });
});

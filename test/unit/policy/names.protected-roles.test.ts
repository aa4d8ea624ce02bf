import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compileProtectedRoles, withoutStars } from '../../../src/policy/names.ts';

suite('compileProtectedRoles', () => {
  const isProtected = compileProtectedRoles(['KubernetesWorkerRole-*', 'Admin']);

  const cases = [
    { role: 'KubernetesWorkerRole-1', is: true },
    { role: 'KubernetesWorkerRole-', is: true },
    { role: 'KUBERNETESWORKERROLE-1', is: true },
    { role: 'admin', is: true },
    { role: '\u00a0ad\tmin\n', is: true },
    { role: 'ad\u200bm\u00adi\u2060n\ufeff', is: true },
    { role: 'ad\u0000m\u0085i\u007fn', is: true },
    { role: 'Kubernete\u017fWorkerRole-1', is: true },
    { role: '\u212AubernetesWorkerRole-1', is: true },
    { role: 'adm\u0131n', is: true },
    { role: 'ad\u00e9min', is: true },
    { role: '\u200badmin', is: true },
    { role: 'Kubernetes*WorkerRole-1', is: false },
    { role: 'admin*', is: false },
    { role: '\uff21dmin', is: false },
    { role: '\u0430dmin', is: false },
    { role: 'admins', is: false },
    { role: 'my-admin', is: false },
    { role: 'KubernetesWorkerRole', is: false },
    { role: 'x-KubernetesWorkerRole-1', is: false },
    { role: '', is: false },
    { role: ' ', is: false },
  ];

  for (const { role, is } of cases) {
    test(`is ${is} for ${JSON.stringify(role)}`, () => {
      assert.equal(isProtected(role), is);
    });
  }

  test('is false for everything where no role is protected', () => {
    assert.equal(compileProtectedRoles([])('KubernetesWorkerRole-1'), false);
  });

  test('examines the first 1,024 characters alone, by code points', () => {
    const hidden = (count: number) => `Ad${'\u{1f600}'.repeat(count)}min`;
    assert.equal(isProtected(hidden(1_019)), true);
    assert.equal(isProtected(hidden(1_020)), false);
    assert.equal(isProtected(`admin${'\u{1f600}'.repeat(1024 * 1024)}`), true);
    assert.equal(isProtected(`${' '.repeat(512 * 1024)}admin`), false);
  });

  for (const invisible of [
    '\ufe0f',
    '\u034f',
    '\u3164',
    '\u115f',
    '\u2800',
    '\u180b',
    '\u17b4',
    '\u{e0100}',
  ]) {
    test(`is true with U+${invisible.codePointAt(0)?.toString(16)} at any position`, () => {
      const role = 'KubernetesWorkerRole-1';
      const positions = Array.from({ length: role.length + 1 }, (_, index) => index);
      const differing = positions.filter(
        (position) => !isProtected(role.slice(0, position) + invisible + role.slice(position)),
      );
      assert.deepEqual(differing, []);
    });
  }

  test('is true for everything that folds to a protected role, as the former rule had it', () => {
    const former = (text: string) =>
      text
        .replaceAll(/[\s\p{Cc}\p{Cf}]/gu, '')
        .toUpperCase()
        .toLowerCase();
    const differing = Array.from({ length: 0x110000 }, (_, codePoint) =>
      String.fromCodePoint(codePoint),
    ).filter((character) => {
      const isNamed = compileProtectedRoles([`${former(character)}*`.replaceAll(/[^a-z0-9._@*-]/g, '')]);
      return /^[a-z0-9._@-]+$/.test(former(character)) && !isNamed(character);
    });
    assert.deepEqual(differing, []);
  });

  test('folds patterns likewise', () => {
    assert.equal(compileProtectedRoles(['Kubernete\u017f\u200b*'])('kubernetes'), true);
  });
});

suite('withoutStars', () => {
  test('drops every * of a value', () => {
    assert.equal(withoutStars('Kubernetes*Worker**Role-1'), 'KubernetesWorkerRole-1');
  });

  test('goes no further than 1,024 characters', () => {
    assert.equal(withoutStars(`${'*'.repeat(1_024)}admin`), '');
  });
});

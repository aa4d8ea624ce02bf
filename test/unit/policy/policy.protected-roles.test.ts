import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compileProtectedRoles } from '../../../src/policy/policy.ts';

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

  test('is true for a value of 1 MiB that hides a protected role in whitespace', () => {
    assert.equal(isProtected(`${' '.repeat(512 * 1024)}Ad${'\u200b'.repeat(512 * 1024)}min`), true);
  });
});

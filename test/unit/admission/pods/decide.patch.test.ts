import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { removeRole, setRole } from '../../../../src/admission/pods/decide.ts';
import { applyPatch } from '../../../builders/pod-patch.ts';

const KEY = 'k8s.aliyun.com/eci-ram-role-name';

suite('setRole', () => {
  const cases = [
    { name: 'creates the map where it is absent', metadata: {}, after: { annotations: { [KEY]: 'r' } } },
    {
      name: 'creates the map where it is null',
      metadata: { annotations: null },
      after: { annotations: { [KEY]: 'r' } },
    },
    { name: 'adds to an empty map', metadata: { annotations: {} }, after: { annotations: { [KEY]: 'r' } } },
    {
      name: 'keeps the other annotations',
      metadata: { annotations: { a: '1', 'k8s.aliyun.com': '2' } },
      after: { annotations: { a: '1', 'k8s.aliyun.com': '2', [KEY]: 'r' } },
    },
    {
      name: 'replaces an empty role',
      metadata: { annotations: { [KEY]: '' } },
      after: { annotations: { [KEY]: 'r' } },
    },
  ];

  for (const { name, metadata, after } of cases) {
    test(name, () => {
      const hasAnnotations = 'annotations' in metadata && metadata.annotations !== null;

      assert.deepEqual(applyPatch({ metadata }, [setRole('r', { hasAnnotations })]), { metadata: after });
    });
  }
});

suite('removeRole', () => {
  test('removes the role and keeps the other annotations', () => {
    const pod = { metadata: { annotations: { a: '1', [KEY]: 'r' } } };

    assert.deepEqual(applyPatch(pod, [removeRole]), { metadata: { annotations: { a: '1' } } });
  });

  test('does not apply where there is no role to remove', () => {
    assert.throws(() => applyPatch({ metadata: { annotations: {} } }, [removeRole]));
  });
});

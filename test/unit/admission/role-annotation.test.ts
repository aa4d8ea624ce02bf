import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createMisspeltKeySearch } from '../../../src/admission/role-annotation.ts';

suite('the search for a misspelt key', () => {
  const cases = [
    { name: 'a letter left out', key: 'k8s.aliyun.com/eci-ram-role-nam', isFound: true },
    { name: 'two letters too many', key: 'k8s.aliyun.com/eci-ramm-role-names', isFound: true },
    { name: 'two neighbours swapped', key: 'k8s.aliyun.com/eci-rma-role-name', isFound: true },
    { name: 'another separator', key: 'k8s.aliyun.com/eci_ram_role-name', isFound: true },
    { name: 'another case', key: 'K8s.aliyun.com/ECI-RAM-Role-Name', isFound: true },
    { name: 'another case and a letter', key: 'k8s.aliyun.com/ECI-RAM-RoleName', isFound: true },
    { name: 'the Kelvin sign as its K', key: '\u212a8s.aliyun.com/eci-ram-role-name', isFound: true },
    { name: 'a long s', key: 'k8\u017f.aliyun.com/eci-ram-role-name', isFound: true },
    { name: 'fullwidth letters', key: '\uff4b8s.aliyun.com/eci\uff0dram-role-name', isFound: true },
    { name: 'whitespace around it', key: ' k8s.aliyun.com/eci-ram-role-name\t\n', isFound: true },
    { name: 'whitespace inside', key: 'k8s.aliyun.com/ eci - ram - role - name', isFound: true },
    {
      name: 'invisible characters inside',
      key: 'k8s\u200b.aliyun\ufe0f.com\u3164/eci\u034f-ram-role-name\u2060',
      isFound: true,
    },
    {
      name: 'too many invisible characters',
      key: `k8s.aliyun.com/eci-ram-role-name${'\u200b'.repeat(33)}`,
      isFound: false,
    },
    { name: 'three letters too few', key: 'k8s.aliyun.com/eci-ram-role-n', isFound: false },
    {
      name: 'another annotation of the same length',
      key: 'k8s.aliyun.com/eci-ram-role-kind1',
      isFound: false,
    },
    { name: 'another annotation', key: 'k8s.aliyun.com/eci-instance-type', isFound: false },
    { name: 'the annotation itself', key: 'k8s.aliyun.com/eci-ram-role-name', isFound: false },
    ...[
      'k8s.aliyun.com/ram-role-name',
      'alibabacloud.com/eci-ram-role-name',
      'k8s.alibabacloud.com/eci-ram-role',
      'eci.aliyun.com/ram_role_name',
      'eci-ram-role-name',
      'eciRamRoleName',
      'ramRoleName',
      'k8s.aliyun.com/eciRamRoleName',
    ].map((key) => ({ name: `the spelling ${key}`, key, isFound: true })),
    ...[
      'pod-identity.alibabacloud.com/role-name',
      'ram-role',
      'example.com/ram-role-name',
      'spark.kubernetes.driver.annotation.k8s.aliyun.com/eci-ram-role-name',
      'k8s.aliyun.com/program-role-name',
    ].map((key) => ({ name: `the other key ${key}`, key, isFound: false })),
  ];

  for (const { name, key, isFound } of cases) {
    test(`${isFound ? 'finds' : 'passes'} ${name}`, () => {
      const find = createMisspeltKeySearch();
      assert.equal(find(['app', key]), isFound ? key : undefined);
    });
  }

  test('counts a key without a prefix only among annotations', () => {
    const find = createMisspeltKeySearch();
    assert.equal(find(['ramRoleName'], false), undefined);
    assert.equal(find(['ramRoleName', 'k8s.aliyun.com/ramRoleName'], false), 'k8s.aliyun.com/ramRoleName');
  });

  test('gives up on an object with too many keys that may be other names', () => {
    const find = createMisspeltKeySearch();
    find(Array.from({ length: 255 }, (_, index) => `program-${index}`));
    assert.deepEqual([find(['ramRoleName']), find(['ramRoleName'])], ['ramRoleName', undefined]);
  });

  test('gives up on an object with too many keys of that length', () => {
    const find = createMisspeltKeySearch();
    const others = (count: number) =>
      Array.from({ length: count }, (_, index) => `example.com/${String(index).padStart(20, '0')}`);
    const misspelt = ['k8s.aliyun.com/eci-ram-role-nam'];
    find(others(255));

    assert.deepEqual([find(misspelt), find(misspelt)], ['k8s.aliyun.com/eci-ram-role-nam', undefined]);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isRoleName, roleNameOfArn } from '../../../src/policy/names.ts';

suite('isRoleName', () => {
  const names = ['a', 'ECIRamRoleTest', 'ramrole-ossshare', 'AZaz09._@-', '-', 'r'.repeat(64), '__proto__'];
  const others = [
    '',
    ' ',
    'a b',
    'a\n',
    '*',
    'a*',
    'a/b',
    'ä',
    'r'.repeat(65),
    '\u0000',
    '$(a)',
    'acs:ram::1:role/a',
  ];

  test('is true for what RAM may call a role, and nothing else', () => {
    assert.deepEqual([...names, ...others].filter(isRoleName), names);
  });
});

suite('roleNameOfArn', () => {
  const cases = [
    { text: 'acs:ram::123456789:role/reader', name: 'reader' },
    { text: ' acs:ram::1:role/reader\n', name: 'reader' },
    { text: 'ACS:RAM::1:ROLE/Reader', name: 'Reader' },
    { text: 'acs:ram::*:role/a b', name: 'a b' },
    { text: 'acs:ram:::role/', name: '' },
    { text: 'acs:ram::1:user/reader', name: undefined },
    { text: 'arn:aws:iam::1:role/reader', name: undefined },
    { text: 'reader', name: undefined },
    { text: '', name: undefined },
  ];

  for (const { text, name } of cases) {
    test(`is ${name} for ${JSON.stringify(text)}`, () => {
      assert.equal(roleNameOfArn(text), name);
    });
  }

  test('is undefined for a text that is too long to be an ARN', () => {
    assert.equal(roleNameOfArn(`acs:ram::1:role/${'x'.repeat(1_008)}`)?.length, 1_008);
    assert.equal(roleNameOfArn(`acs:ram::1:role/${'x'.repeat(1_009)}`), undefined);
  });
});

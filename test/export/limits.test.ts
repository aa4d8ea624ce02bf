import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeExcessBytes, findExcesses } from '../../src/export/limits.ts';
import { allowlistOf } from '../builders/policy.ts';

const texts = (count: number, length: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}-`.padEnd(length, 'x'));

suite('findExcesses', () => {
  test('finds none in a list of as many names as there can be', () => {
    const list = allowlistOf('largest', {
      ...{ namespaces: texts(256, 63, 'n'), roles: texts(256, 64, 'r') },
      serviceAccounts: texts(64, 253, 's'),
    });
    assert.deepEqual(findExcesses([list], []), []);
  });

  test('finds none in one of as many globs, or in a thousand small lists', () => {
    const list = allowlistOf('globs', {
      ...{ namespaces: texts(256, 63, '*n*'), roles: texts(256, 64, '*r*') },
      serviceAccounts: texts(64, 253, '*s*'),
    });
    assert.deepEqual(findExcesses([list], []), []);
    assert.deepEqual(
      findExcesses(
        texts(1_000, 20, 'list').map((name) => allowlistOf(name, { serviceAccounts: ['*a'] })),
        [],
      ),
      [],
    );
  });

  test('names a list that is too long for one expression', () => {
    const values = texts(64, 63, 'v');
    const matchExpressions = texts(16, 300, 'k').map((key) => ({ key, operator: 'NotIn' as const, values }));
    const list = allowlistOf('selecting', {
      namespaceSelector: { matchExpressions },
      roles: texts(256, 64, 'r.*.'),
      serviceAccounts: texts(64, 253, 's'),
    });
    const [problem = '', ...others] = findExcesses([allowlistOf('a'), list], []);
    assert.match(
      problem,
      /^allowlist selecting: expected up to 99000 characters as one CEL expression, found 1\d{5}; split it into several allowlists$/,
    );
    assert.deepEqual(others, []);
  });

  test('names the lists that cost most where all cost too much', () => {
    const dear = texts(50, 10, 'dear').map((name) =>
      allowlistOf(name, { serviceAccounts: texts(64, 253, '*s*') }),
    );
    const [problem = '', ...others] = findExcesses([allowlistOf('cheap'), ...dear], ['Admin-*']);
    assert.match(
      problem,
      /^expected allowlists that cost up to 4000000 units of CEL in one policy, found 5\d{6}, most of it for dear0-xxxx \(\d{6}\), dear1-xxxx \(\d{6}\), dear2-xxxx \(\d{6}\); write fewer globs/,
    );
    assert.deepEqual(others, []);
  });

  test('counts the labels of selectors', () => {
    const labels = Object.fromEntries(texts(64, 10, 'k').map((key) => [key, 'v']));
    const lists = texts(1_000, 10, 'list').map((name) =>
      allowlistOf(name, { namespaceSelector: { matchLabels: labels } }),
    );
    assert.equal(findExcesses(lists, []).length, 1);
    assert.equal(findExcesses(lists.slice(0, 500), []).length, 0);
  });
});

suite('findExcesses of protected roles', () => {
  test('finds none in many', () => {
    assert.deepEqual(findExcesses([], texts(200, 30, 'r*')), []);
  });

  test('tells of more than one expression holds', () => {
    const [problem = ''] = findExcesses([], texts(1_700, 60, 'r'));
    assert.match(
      problem,
      /^--protected-roles: expected up to 99000 characters as one CEL expression, found 1\d{5}; write fewer globs$/,
    );
  });

  test('tells of more than a pod may cost', () => {
    const dear = texts(25, 10, 'dear').map((name) =>
      allowlistOf(name, { serviceAccounts: texts(64, 253, '*s*') }),
    );
    const [problem = ''] = findExcesses(dear, texts(1_400, 60, 'r*'));
    assert.match(problem, /found \d+, most of it for --protected-roles \(2\d{6}\), dear0-xxxx \(\d{6}\), /);
    assert.deepEqual(findExcesses(dear, []), []);
  });
});

suite('describeExcessBytes', () => {
  test('says nothing of what can be stored', () => {
    assert.equal(describeExcessBytes(1_400_000, []), undefined);
  });

  test('names the largest lists', () => {
    assert.match(
      describeExcessBytes(1_400_001, [
        allowlistOf('a'),
        allowlistOf('large', { roles: texts(9, 64, 'r') }),
      ]) ?? '',
      /^expected allowlists of up to 1400000 bytes as one ValidatingAdmissionPolicy, found 1400001, most of it for large \(\d+\), a \(\d+\); write fewer/,
    );
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  buildFoldingExpression,
  buildProtectedExpression,
} from '../../../src/export/protected-roles-expression.ts';
import { foldCase } from '../../../src/policy/policy.ts';

const ASCII = /[\x20-\x7e]/;
const LAST_CODE_POINT = 0x10ffff;

suite('buildFoldingExpression', () => {
  const expression = buildFoldingExpression('value');

  test('leaves out what is ignored, then folds', () => {
    const [first] = expression.split('\n');
    assert.equal(first, String.raw`value.findAll('[^\\p{Z}\\p{Cc}\\p{Cf}]+').join('').lowerAscii()`);
  });

  test('ignores exactly the characters that the server ignores', () => {
    const differing = everyCodePoint().filter(
      (character) => /[\s\p{Cc}\p{Cf}]/u.test(character) !== /[\p{Z}\p{Cc}\p{Cf}]/u.test(character),
    );
    assert.deepEqual(differing, []);
  });

  test('folds every character of Unicode as the server does, as far as ASCII comes of it', () => {
    const replacements = [...expression.matchAll(/\.replace\('(.*)', '(.*)'\)/g)].map(
      ([, from = '', to = '']) => ({
        from: decodeLiteral(from),
        to: decodeLiteral(to),
      }),
    );
    assert.equal(replacements.length, 19);
    const fold = (text: string) =>
      replacements.reduce(
        (folded, { from, to }) => folded.replaceAll(from, to),
        text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
      );
    const differing = everyCodePoint().filter((character) => {
      const expected = foldCase(character);
      return ASCII.test(expected) ? fold(character) !== expected : ASCII.test(fold(character));
    });
    assert.deepEqual(differing, []);
  });
});

suite('buildProtectedExpression', () => {
  const cases = [
    {
      roles: ['KubernetesMasterRole-*', 'Admin'],
      expression: "(x in ['admin'] || x.startsWith('kubernetesmasterrole-'))",
    },
    { roles: ['*Root'], expression: "x.matches('^(.*root)$')" },
    { roles: [], expression: 'false' },
  ];

  for (const { roles, expression } of cases) {
    test(`compares with ${JSON.stringify(roles)} in lower case`, () => {
      assert.equal(buildProtectedExpression('x', roles), expression);
    });
  }
});

function everyCodePoint(): readonly string[] {
  return Array.from({ length: LAST_CODE_POINT + 1 }, (_, codePoint) => String.fromCodePoint(codePoint));
}

function decodeLiteral(literal: string): string {
  return literal.replaceAll(/\\u([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

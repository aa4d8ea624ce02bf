import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildFoldingExpression, buildProtectedExpression } from '../../../src/export/cel.ts';
import { foldPattern, withoutStars } from '../../../src/policy/names.ts';

const LAST_CODE_POINT = 0x10ffff;

suite('buildFoldingExpression', () => {
  const expression = buildFoldingExpression('value');

  test('folds, then keeps the characters that role names have', () => {
    const lines = expression.split('\n');
    assert.equal(lines.at(0), 'value.lowerAscii()');
    assert.equal(lines.at(-1), "  .findAll('[a-z0-9._@-]+').join('')");
  });

  test('folds every character of Unicode as the server does', () => {
    const replacements = [...expression.matchAll(/\.replace\('(.*)', '(.*)'\)/g)].map(
      ([, from = '', to = '']) => ({ from: decodeLiteral(from), to: decodeLiteral(to) }),
    );
    assert.equal(replacements.length, 19);
    const fold = (text: string) =>
      replacements
        .reduce(
          (folded, { from, to }) => folded.replaceAll(from, to),
          text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
        )
        .replaceAll(/[^a-z0-9._@-]/g, '');
    const differing = everyCodePoint().filter(
      (character) => fold(character) !== foldPattern(withoutStars(character)),
    );
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

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildVariables } from '../../../src/export/policy-variables.ts';
import { allowlistOf } from '../../builders/policy.ts';

const SETTINGS = { unlistedNamespaces: 'Strip', protectedRoles: ['Admin'] } as const;

const namesOf = (lists: Parameters<typeof buildVariables>[0]) =>
  buildVariables(lists, SETTINGS).map(({ name }) => name);

function expressionOf(lists: Parameters<typeof buildVariables>[0], wanted: string): string | undefined {
  return buildVariables(lists, SETTINGS).find(({ name }) => name === wanted)?.expression;
}

suite('buildVariables', () => {
  test('names each variable after those that it needs', () => {
    const known = new Set<string>();
    for (const { name, expression } of buildVariables(
      [allowlistOf('a', { namespaceSelector: {} })],
      SETTINGS,
    )) {
      for (const [, used = ''] of expression.matchAll(/variables\.(\w+)/g)) {
        assert.ok(known.has(used), `${name} needs ${used}`);
      }
      assert.ok(!known.has(name));
      known.add(name);
    }
  });

  test('asks for the labels of the namespace only where a list selects by them', () => {
    assert.ok(!namesOf([allowlistOf('a')]).includes('labels'));
    assert.ok(namesOf([allowlistOf('a', { namespaceSelector: {} })]).includes('labels'));
  });

  test('is right without lists', () => {
    assert.equal(expressionOf([], 'allowlists'), '[]');
  });

  test('puts each list on lines of its own, below its name', () => {
    assert.match(
      expressionOf([allowlistOf('a'), allowlistOf('b')], 'allowlists') ?? '',
      /^\[\n\/\/ a\nrequest\.namespace .*,\n\/\/ b\nrequest\.namespace .*\n\]\.filter\(list, list\.size\(\) > 0\)$/,
    );
  });

  test('takes several variables for what is too long for one expression', () => {
    const lists = Array.from({ length: 1_000 }, (_, index) =>
      allowlistOf(`list-${index}`, { roles: [`role-${index}`] }),
    );
    const variables = buildVariables(lists, SETTINGS);
    const parts = variables.filter(({ name }) => /^allowlists\d+$/.test(name));
    assert.ok(parts.length > 1);
    assert.ok(parts.every(({ expression }) => expression.length < 11_000));
    assert.equal(parts.flatMap(({ expression }) => expression.match(/^\/\/ /gm) ?? []).length, 1_000);
    assert.equal(expressionOf(lists, 'allowlists'), parts.map(({ name }) => `variables.${name}`).join(' + '));
  });

  test('adds them up in groups, lest their row be deeper than the API server goes', () => {
    const namespaces = Array.from({ length: 256 }, (_, index) => `namespace-${index}`.padEnd(63, 'x'));
    const lists = Array.from({ length: 201 }, (_, index) => allowlistOf(`list-${index}`, { namespaces }));
    const rows = expressionOf(lists, 'allowlists')?.split(' +\n') ?? [];
    assert.deepEqual(
      rows.map((row) => row.split(' + ').length),
      [100, 100, 1],
    );
    assert.match(rows[2] ?? '', /^\(variables\.allowlists201\)$/);
  });

  test('writes the action of unlisted namespaces, Strip as Deny', () => {
    assert.match(expressionOf([], 'actions') ?? '', /\? \['Deny'\] : \[\]\)$/);
  });
});

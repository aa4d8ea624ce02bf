// The allowlists among the values become objects that the server accepts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseAllowlist } from '../../src/policy/parse-allowlist.ts';
import { CASES } from './cases.ts';
import { find, render, type Values } from './helm.ts';

test('a file has every one of them', () => {
  const allowlists = parse(readFile(CASES['self-managed, file']));
  assert.deepEqual(
    allowlists.map((allowlist) => allowlist?.name),
    ['incident', 'payments'],
  );
});

test('a file of none holds no object', () => {
  assert.deepEqual(readFile({ source: 'file' }), []);
});

test('as objects they are the same', () => {
  const objects = render(CASES['self-managed, cluster']).filter(({ kind }) => kind === 'RamRoleAllowlist');
  assert.deepEqual(parse(objects), parse(readFile(CASES['self-managed, file'])));
});

function parse(objects: readonly unknown[]) {
  return objects.map((object) => parseAllowlist(object).allowlist);
}

function readFile(values: Values | undefined): readonly unknown[] {
  const { data } = find(render(values), 'ConfigMap');
  const { 'allowlists.yaml': text } = z.object({ 'allowlists.yaml': z.string() }).parse(data);
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null);
}

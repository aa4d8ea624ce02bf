// The allowlists among the values become objects that the server's own loader accepts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { parseAllowlist } from '../../src/policy/schema/parse.ts';
import { loadAllowlists } from '../../src/sources/files/load.ts';
import { runToEnd } from '../../src/sources/time-slice.ts';
import { success } from '../../src/text/problem.ts';
import { expectValue } from '../builders/result.ts';
import { CASES } from './cases.ts';
import { find, render, type Values } from './helm.ts';

test('as a file they load', () => {
  assert.deepEqual(
    expectValue(load(CASES['self-managed, file'])).map(({ name }) => name),
    ['incident', 'payments'],
  );
});

test('a file of none loads', () => {
  assert.deepEqual(expectValue(load({ source: 'file' })), []);
});

test('as objects they are the same', () => {
  const objects = render(CASES['self-managed, cluster']).filter(({ kind }) => kind === 'RamRoleAllowlist');
  assert.deepEqual(
    objects.map((object) => expectValue(parseAllowlist(object))),
    expectValue(load(CASES['self-managed, file'])),
  );
});

function load(values: Values | undefined) {
  const { data } = find(render(values), 'ConfigMap', 'eci-ram-role-webhook-allowlists');
  const { 'allowlists.yaml': text } = z.object({ 'allowlists.yaml': z.string() }).parse(data);
  const loaded = runToEnd(loadAllowlists([{ path: 'allowlists.yaml', text }], []));
  return loaded.ok ? success(loaded.value.allowlists) : loaded;
}

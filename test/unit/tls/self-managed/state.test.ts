import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCertificates, readState, writeState } from '../../../../src/tls/self-managed/state.ts';
import { makeAuthority, makeLeaf } from '../../../support/authorities.ts';

const NOW = Date.UTC(2030, 0, 1);
const DAY_MS = 86_400_000;
const current = { ...(await makeAuthority(NOW, DAY_MS)), publishedAt: NOW };
const next = await makeAuthority(NOW, DAY_MS);
const leaf = await makeLeaf(current, NOW, DAY_MS);

const EMPTY = {
  current: undefined,
  leaf: undefined,
  next: undefined,
  previous: [],
  previousUntil: undefined,
};

test('a state is read as it was written', () => {
  const state = { current, leaf, next, previous: [next.certificate], previousUntil: NOW };
  const data = writeState(state, {});
  assert.deepEqual(Object.keys(data).sort(), [
    'ca.crt',
    'ca.key',
    'ca.published-at',
    'next-ca.crt',
    'next-ca.key',
    'previous-ca.crt',
    'previous-ca.until',
    'tls.crt',
    'tls.key',
  ]);
  assert.deepEqual(writeState(readState(data), {}), data);
});

test('no data is the empty state, which has the keys that a TLS Secret must have', () => {
  assert.deepEqual(readState({}), EMPTY);
  assert.deepEqual(writeState(EMPTY, {}), { 'tls.crt': '', 'tls.key': '' });
});

test('keys of others stay, keys of ours without a value go', () => {
  const data = writeState(EMPTY, { 'ca.key': 'x', 'next-ca.key': 'x', 'previous-ca.until': 'x', other: 'y' });
  assert.deepEqual(data, { 'tls.crt': '', 'tls.key': '', other: 'y' });
});

const pem = current.certificate.toString();
const TEXTS: [name: string, text: string, count: number][] = [
  ['nothing', '', 0],
  ['no certificate', 'hello', 0],
  ['two certificates', `${pem}${pem}`, 2],
  ['text around it', `# a comment\n${pem}\ntrailing`, 1],
  ['Windows line ends', pem.replaceAll('\n', '\r\n'), 1],
  ['half a certificate', pem.slice(0, -40), 0],
  ['an end without a beginning', `-----END CERTIFICATE-----\n${pem}`, 1],
  [
    'a broken one before a good one',
    `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pem}`,
    1,
  ],
  ['half of one before a good one', `${pem.slice(0, 100)}${pem}`, 1],
];

for (const [name, text, count] of TEXTS) {
  test(`certificates in a text: ${name}`, () => {
    const found = parseCertificates(text).map(String);
    assert.deepEqual(
      found,
      Array.from({ length: count }, () => pem),
    );
  });
}

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { suite, test } from 'node:test';
import * as issuer from '../../../../src/tls/issue.ts';
import { applyChange } from '../../../../src/tls/self-managed/reconcile.ts';
import type { CertificateState } from '../../../../src/tls/self-managed/state.ts';
import { isLeafOf } from '../../../../src/tls/self-managed/trust.ts';
import { makeAuthority, makeLeaf, SERVER_NAME } from '../../../support/authorities.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);
const reason = 'a test';
const options = {
  issuer,
  now: NOW,
  serverName: SERVER_NAME,
  authorityLifetimeMs: 365 * DAY,
  leafLifetimeMs: 90 * DAY,
};

const current = { ...(await makeAuthority(NOW - 300 * DAY, 365 * DAY)), publishedAt: NOW - 300 * DAY };
const next = { ...(await makeAuthority(NOW, 365 * DAY)), publishedAt: NOW };
const leaf = await makeLeaf(current, NOW, DAY);
const state: CertificateState = { current, leaf, next: undefined, previous: [], previousUntil: undefined };
const retired = { previous: [current.certificate], previousUntil: NOW + DAY };
const isOf = (of: CertificateState): boolean =>
  of.leaf !== undefined && of.current !== undefined && isLeafOf(of.leaf, of.current, options);

suite('a change', () => {
  test('that only records is taken as it is', async () => {
    const changed = { ...state, previousUntil: NOW };
    assert.equal(await applyChange(state, { type: 'update', state: changed, reason }, options), changed);
  });

  test('that adds a next authority makes one with its key, unpublished', async () => {
    const { next: added, ...rest } = await applyChange(state, { type: 'add-next', reason }, options);
    assert.ok(added !== undefined);
    assert.match(added.key ?? '', /^-----BEGIN PRIVATE KEY-----/);
    assert.equal(added.publishedAt, undefined);
    assert.ok(added.certificate.ca);
    assert.equal(added.certificate.validToDate.getTime(), NOW + 365 * DAY);
    assert.deepEqual({ ...rest, next: undefined }, state);
  });

  test('that renews the leaf keeps all else, and the leaf does not outlive its authority', async () => {
    const renewed = await applyChange(state, { type: 'renew-leaf', authority: current, reason }, options);
    assert.deepEqual({ ...renewed, leaf }, state);
    assert.ok(isOf(renewed));
    assert.equal(renewed.leaf?.certificate.validTo, current.certificate.validTo);
  });

  test('that promotes the next authority issues a leaf of it and retires the former', async () => {
    const change = { type: 'promote', authority: next, retired, reason } as const;
    const promoted = await applyChange({ ...state, next }, change, options);
    assert.deepEqual(
      { ...promoted, leaf: undefined },
      { current: next, leaf: undefined, next: undefined, ...retired },
    );
    assert.ok(isOf(promoted));
    assert.equal(promoted.leaf?.certificate.validToDate.getTime(), NOW + 90 * DAY);
  });

  test('that starts over makes all anew, under a name that no other authority has', async () => {
    const one = await applyChange(state, { type: 'start-over', retired, reason }, options);
    const other = await applyChange(state, { type: 'start-over', retired, reason }, options);
    assert.ok(isOf(one) && isOf(other));
    assert.equal(one.current?.publishedAt, undefined);
    assert.deepEqual(one.previous, retired.previous);
    assert.notEqual(one.current?.certificate.subject, other.current?.certificate.subject);
  });
});

test('an authority without a key cannot issue', async () => {
  const authority = {
    certificate: new X509Certificate(current.certificate.toString()),
    key: undefined,
    publishedAt: undefined,
  };
  await assert.rejects(applyChange(state, { type: 'renew-leaf', authority, reason }, options));
});

import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createCertificateAuthority, issueServingCertificate } from '../../../src/tls/issue.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2030, 0, 1);
const DAY_MS = 24 * HOUR_MS;

test('a certificate authority that was kept as PEM issues on', async () => {
  const { certificate, key } = await createCertificateAuthority('kept', DAY_MS, NOW);
  const issuer = new X509Certificate(certificate.toString());
  const authority = { certificate: issuer, key };
  const issued = await issueServingCertificate(authority, { dns: ['a.test'], ip: [] }, DAY_MS / 2, NOW);

  const leaf = new X509Certificate(issued.cert);
  assert.equal(issued.certificate.fingerprint256, leaf.fingerprint256);
  assert.ok(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey));
  assert.equal(leaf.checkHost('a.test'), 'a.test');
  assert.equal(leaf.validFromDate.getTime(), NOW - HOUR_MS);
  assert.equal(leaf.validToDate.getTime(), NOW + 12 * HOUR_MS);
  assert.equal(issuer.validToDate.getTime(), NOW + 24 * HOUR_MS);
});

test('a key of another kind is refused', async () => {
  const { certificate } = await createCertificateAuthority('kept', DAY_MS);
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const names = { dns: ['a.test'], ip: [] };
  await assert.rejects(issueServingCertificate({ certificate, key }, names, DAY_MS));
});

test('a name too long for a common name is in the certificate nonetheless', async () => {
  const name = `${'s'.repeat(63)}.${'n'.repeat(63)}.svc`;
  const authority = await createCertificateAuthority('test', DAY_MS);
  const { certificate } = await issueServingCertificate(authority, { dns: [name], ip: [] }, DAY_MS);
  assert.equal(certificate.checkHost(name, { subject: 'never' }), name);
  assert.equal(certificate.subject.length, 'CN='.length + 64);
});

test('a certificate may be for addresses alone', async () => {
  const authority = await createCertificateAuthority('test', DAY_MS);
  const { certificate } = await issueServingCertificate(authority, { dns: [], ip: ['127.0.0.1'] }, DAY_MS);
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
});

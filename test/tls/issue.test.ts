import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  createCertificateAuthority,
  exportCertificateAuthority,
  issueServingCertificate,
  loadCertificateAuthority,
} from '../../src/tls/issue.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2030, 0, 1);
const HALF_A_DAY = 0.5;

test('a certificate authority that was kept as PEM issues on', async () => {
  const kept = await exportCertificateAuthority(await createCertificateAuthority('kept', 1, NOW));
  const authority = await loadCertificateAuthority(kept.certificatePem, kept.privateKeyPem);
  const issued = await issueServingCertificate(authority, { dns: ['a.test'], ip: [] }, HALF_A_DAY, NOW);

  const leaf = new X509Certificate(issued.certificatePem);
  const issuer = new X509Certificate(kept.certificatePem);
  assert.ok(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey));
  assert.equal(leaf.checkHost('a.test'), 'a.test');
  assert.equal(leaf.validFromDate.getTime(), NOW - HOUR_MS);
  assert.equal(leaf.validToDate.getTime(), NOW + 12 * HOUR_MS);
  assert.equal(issuer.validToDate.getTime(), NOW + 24 * HOUR_MS);
});

test('a key of another kind is refused', async () => {
  const { certificatePem } = await exportCertificateAuthority(await createCertificateAuthority('kept', 1));
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await assert.rejects(loadCertificateAuthority(certificatePem, privateKey));
});

test('a name too long for a common name is in the certificate nonetheless', async () => {
  const name = `${'s'.repeat(63)}.${'n'.repeat(63)}.svc`;
  const authority = await createCertificateAuthority('test', 1);
  const { certificatePem } = await issueServingCertificate(authority, { dns: [name], ip: [] }, 1);
  const leaf = new X509Certificate(certificatePem);
  assert.equal(leaf.checkHost(name, { subject: 'never' }), name);
  assert.equal(leaf.subject.length, 'CN='.length + 64);
});

test('a certificate may be for addresses alone', async () => {
  const authority = await createCertificateAuthority('test', 1);
  const { certificatePem } = await issueServingCertificate(authority, { dns: [], ip: ['127.0.0.1'] }, 1);
  assert.equal(new X509Certificate(certificatePem).checkIP('127.0.0.1'), '127.0.0.1');
});

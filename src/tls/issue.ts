import 'reflect-metadata';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  X509Certificate as IssuedCertificate,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { BACKDATED_MS, type CertificateAuthority, type ServingCertificate } from './certificate.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** The longest common name that X.509 allows. */
const COMMON_NAME_LENGTH = 64;

/**
 * Creates a certificate authority, ECDSA P-256.
 *
 * @param lifetimeMs milliseconds from now until it expires
 * @param now milliseconds since the epoch
 */
export async function createCertificateAuthority(
  commonName: string,
  lifetimeMs: number,
  now = Date.now(),
): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    ...validity(lifetimeMs, now),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: new X509Certificate(certificate.toString('pem')),
    key: await toPem(keys.privateKey),
    publishedAt: undefined,
  };
}

/**
 * Issues a serving certificate for DNS names and IP addresses.
 *
 * @param lifetimeMs milliseconds from now until it expires
 * @param now milliseconds since the epoch
 * @throws if the authority has no private key, or one that is not ECDSA P-256
 */
export async function issueServingCertificate(
  authority: Pick<CertificateAuthority, 'certificate' | 'key'>,
  names: Readonly<{ dns: readonly string[]; ip: readonly string[] }>,
  lifetimeMs: number,
  now = Date.now(),
): Promise<ServingCertificate> {
  const issuer = new IssuedCertificate(authority.certificate.toString());
  const keys = await generateKeys();
  const issued = await X509CertificateGenerator.create({
    subject: `CN=${(names.dns[0] ?? names.ip[0] ?? '').slice(0, COMMON_NAME_LENGTH)}`,
    issuer: issuer.subject,
    ...validity(lifetimeMs, now),
    publicKey: keys.publicKey,
    signingKey: await importSigningKey(authority.key ?? ''),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await AuthorityKeyIdentifierExtension.create(issuer),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const certificate = new X509Certificate(issued.toString('pem'));
  return { certificate, cert: certificate.toString(), key: await toPem(keys.privateKey) };
}

function generateKeys() {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(lifetimeMs: number, now: number): Readonly<{ notBefore: Date; notAfter: Date }> {
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + lifetimeMs) };
}

function importSigningKey(pem: string): Promise<CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', Uint8Array.from(pkcs8), ALGORITHM, true, ['sign']);
}

async function toPem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

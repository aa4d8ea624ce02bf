import 'reflect-metadata';
import { createPrivateKey } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** The longest common name that X.509 allows. */
const COMMON_NAME_LENGTH = 64;
const DAY_MS = 86_400_000;

/** A certificate authority that can issue serving certificates. */
export type CertificateAuthority = Readonly<{ certificate: X509Certificate; privateKey: CryptoKey }>;

/** A certificate and its private key, both PEM. */
export type ServingCertificate = Readonly<{ certificatePem: string; privateKeyPem: string }>;

/**
 * Makes a certificate authority of its own, ECDSA P-256, valid from an hour ago for `days`, which need not be whole.
 *
 * @param now milliseconds since the epoch
 */
export async function createCertificateAuthority(
  commonName: string,
  days: number,
  now = Date.now(),
): Promise<CertificateAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    ...validity(days, now),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey };
}

/**
 * Reads a certificate authority that was kept as PEM; its key must be ECDSA P-256.
 *
 * @throws where either is something else
 */
export async function loadCertificateAuthority(
  certificatePem: string,
  privateKeyPem: string,
): Promise<CertificateAuthority> {
  const pkcs8 = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' });
  return {
    certificate: new X509Certificate(certificatePem),
    privateKey: await crypto.subtle.importKey('pkcs8', Uint8Array.from(pkcs8), ALGORITHM, true, ['sign']),
  };
}

/** A certificate authority as PEM, to be kept and loaded again. */
export async function exportCertificateAuthority({
  certificate,
  privateKey,
}: CertificateAuthority): Promise<ServingCertificate> {
  return { certificatePem: certificate.toString('pem'), privateKeyPem: await toPem(privateKey) };
}

/**
 * Issues a serving certificate for some DNS names and IP addresses, valid from an hour ago for `days`, which need not
 * be whole.
 *
 * @param now milliseconds since the epoch
 */
export async function issueServingCertificate(
  authority: CertificateAuthority,
  names: Readonly<{ dns: readonly string[]; ip: readonly string[] }>,
  days: number,
  now = Date.now(),
): Promise<ServingCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${(names.dns[0] ?? names.ip[0] ?? '').slice(0, COMMON_NAME_LENGTH)}`,
    issuer: authority.certificate.subject,
    ...validity(days, now),
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await AuthorityKeyIdentifierExtension.create(authority.certificate),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: certificate.toString('pem'), privateKeyPem: await toPem(keys.privateKey) };
}

function validity(days: number, now: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + days * DAY_MS) };
}

async function toPem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

/** How far before their issue our certificates begin to be valid: for clocks that run behind ours. */
export const BACKDATED_MS = 3_600_000;

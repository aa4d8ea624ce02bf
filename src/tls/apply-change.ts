import { X509Certificate } from 'node:crypto';
import type { Authority, CertificateState, Leaf } from './certificate-state.ts';
import type { Change } from './change.ts';
import type { CertificateAuthority } from './issue.ts';

/** What makes certificates: src/tls/issue.ts, which is imported only once something is to be made. */
export type Issuer = Pick<
  typeof import('./issue.ts'),
  | 'createCertificateAuthority'
  | 'exportCertificateAuthority'
  | 'issueServingCertificate'
  | 'loadCertificateAuthority'
>;

/** What certificates shall be like. */
export type IssuingOptions = Readonly<{
  issuer: Issuer;
  /** Milliseconds since the epoch. */
  now: number;
  serverName: string;
  authorityLifetimeMs: number;
  leafLifetimeMs: number;
}>;

const DAY_MS = 86_400_000;

/** Makes what a change asks for, and gives the state that comes of it. */
export async function applyChange(
  state: CertificateState,
  change: Change,
  options: IssuingOptions,
): Promise<CertificateState> {
  switch (change.type) {
    case 'update':
      return change.state;
    case 'add-next':
      return { ...state, next: await makeAuthority(options) };
    case 'renew-leaf':
      return { ...state, leaf: await issueLeaf(change.authority, options) };
    case 'promote':
      return succeed(change.authority, change.retired, options);
    case 'start-over':
      return succeed(await makeAuthority(options), change.retired, options);
  }
}

async function succeed(
  current: Authority,
  retired: Pick<CertificateState, 'previous' | 'previousUntil'>,
  options: IssuingOptions,
): Promise<CertificateState> {
  return { current, leaf: await issueLeaf(current, options), next: undefined, ...retired };
}

async function makeAuthority({ issuer, now, authorityLifetimeMs }: IssuingOptions): Promise<Authority> {
  // A name of its own for each: where two of a bundle share one, verifiers have to try both keys.
  const name = `eci-ram-role-webhook ${crypto.randomUUID()}`;
  const made = await issuer.createCertificateAuthority(name, authorityLifetimeMs / DAY_MS, now);
  const { certificatePem, privateKeyPem } = await issuer.exportCertificateAuthority(made);
  return { certificate: new X509Certificate(certificatePem), privateKeyPem, publishedAt: undefined };
}

async function issueLeaf(authority: Authority, options: IssuingOptions): Promise<Leaf> {
  const { issuer, now, serverName, leafLifetimeMs } = options;
  const lifetimeMs = Math.min(leafLifetimeMs, authority.certificate.validToDate.getTime() - now);
  const { certificatePem, privateKeyPem } = await issuer.issueServingCertificate(
    await loadAuthority(authority, issuer),
    { dns: [serverName], ip: [] },
    lifetimeMs / DAY_MS,
    now,
  );
  return { certificate: new X509Certificate(certificatePem), privateKeyPem };
}

function loadAuthority(
  { certificate, privateKeyPem = '' }: Authority,
  issuer: Issuer,
): Promise<CertificateAuthority> {
  return issuer.loadCertificateAuthority(certificate.toString(), privateKeyPem);
}

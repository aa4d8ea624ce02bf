import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { CertificateAuthority, ServingCertificate } from '../certificate.ts';

/** The texts that a Secret holds, by key. */
export type SecretData = Readonly<Record<string, string>>;

/** The state that the replicas have agreed on. Parts that the Secret holds in an unusable form count as absent. */
export type CertificateState = Readonly<{
  /** The issuer of the leaf. */
  current: CertificateAuthority | undefined;
  leaf: ServingCertificate | undefined;
  /** The issuer of later leaves, published ahead of them; always with its private key. */
  next: CertificateAuthority | undefined;
  /** Authorities that no longer issue. Replicas may still serve their leaves. */
  previous: readonly X509Certificate[];
  /** When the previous ones may be removed: milliseconds since the epoch; undefined if that is not known. */
  previousUntil: number | undefined;
}>;

const KEYS = {
  leaf: 'tls.crt',
  leafKey: 'tls.key',
  current: { certificate: 'ca.crt', privateKey: 'ca.key', publishedAt: 'ca.published-at' },
  next: { certificate: 'next-ca.crt', privateKey: 'next-ca.key', publishedAt: 'next-ca.published-at' },
  previous: 'previous-ca.crt',
  previousUntil: 'previous-ca.until',
  additional: 'additional-ca.crt',
} as const;

/** More would make the bundle as long as somebody likes. */
const MAX_ADDITIONAL = 8;

/** Reads the state from the Secret; total: any data is some state. */
export function readState(data: SecretData): CertificateState {
  const current = readAuthority(data, KEYS.current);
  const next = readAuthority(data, KEYS.next);
  const isNextOfUse =
    next?.key !== undefined && next.certificate.toString() !== current?.certificate.toString();
  return {
    current,
    leaf: readLeaf(data[KEYS.leaf] ?? '', data[KEYS.leafKey] ?? ''),
    next: isNextOfUse ? next : undefined,
    previous: parseCertificates(data[KEYS.previous] ?? ''),
    previousUntil: readTime(data[KEYS.previousUntil]),
  };
}

/** The authorities that an operator wrote into the Secret, to be published too: of replicas in another TLS mode. */
export function readAdditional(data: SecretData): readonly X509Certificate[] {
  return parseCertificates(data[KEYS.additional] ?? '').slice(0, MAX_ADDITIONAL);
}

/** The data of the Secret for a state. Keys of others are kept. */
export function writeState(state: CertificateState, data: SecretData): SecretData {
  const ours: Record<string, string | undefined> = {
    // A Secret of type kubernetes.io/tls must have both keys, even if they are empty.
    [KEYS.leaf]: state.leaf?.cert ?? '',
    [KEYS.leafKey]: state.leaf?.key ?? '',
    ...writeAuthority(state.current, KEYS.current),
    ...writeAuthority(state.next, KEYS.next),
    [KEYS.previous]: state.previous.join('') || undefined,
    [KEYS.previousUntil]: state.previous.length > 0 ? writeTime(state.previousUntil) : undefined,
  };
  const merged: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...data, ...ours })) {
    if (value !== undefined) {
      merged[key] = value;
    }
  }
  return merged;
}

/** All certificates in a text, ignoring everything else; in time linear to its length. */
export function parseCertificates(text: string): readonly X509Certificate[] {
  const chunks = text.split(END).slice(0, -1);
  return chunks.flatMap((chunk) => {
    const start = chunk.lastIndexOf(BEGIN);
    return start === -1 ? [] : (attempt(() => [new X509Certificate(chunk.slice(start) + END)]) ?? []);
  });
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

type AuthorityKeys = Readonly<{ certificate: string; privateKey: string; publishedAt: string }>;

function readAuthority(data: SecretData, keys: AuthorityKeys): CertificateAuthority | undefined {
  const [certificate] = parseCertificates(data[keys.certificate] ?? '');
  if (certificate === undefined || !certificate.ca) {
    return undefined;
  }
  const key = data[keys.privateKey] ?? '';
  return {
    certificate,
    key: isKeyOf(certificate, key) ? key : undefined,
    publishedAt: readTime(data[keys.publishedAt]),
  };
}

function writeAuthority(
  authority: CertificateAuthority | undefined,
  keys: AuthorityKeys,
): Record<string, string | undefined> {
  return {
    [keys.certificate]: authority?.certificate.toString(),
    [keys.privateKey]: authority?.key,
    [keys.publishedAt]: writeTime(authority?.publishedAt),
  };
}

function readLeaf(certificatePem: string, key: string): ServingCertificate | undefined {
  const [certificate] = parseCertificates(certificatePem);
  return certificate !== undefined && isKeyOf(certificate, key)
    ? { certificate, cert: certificate.toString(), key }
    : undefined;
}

function isKeyOf(certificate: X509Certificate, pem: string): boolean {
  const key = attempt(() => createPrivateKey(pem));
  return (
    key !== undefined &&
    key.asymmetricKeyDetails?.namedCurve === 'prime256v1' &&
    certificate.checkPrivateKey(key)
  );
}

function readTime(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

function writeTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

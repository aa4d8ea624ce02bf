import { createPrivateKey, X509Certificate } from 'node:crypto';

/** The texts that a Secret holds, by key. */
export type SecretData = Readonly<Record<string, string>>;

/** A certificate authority of ours. */
export type Authority = Readonly<{
  certificate: X509Certificate;
  /** Undefined where the Secret holds none that we can sign with: ECDSA P-256, of this certificate. */
  privateKeyPem: string | undefined;
  /** When both webhook configurations were first seen to carry it: milliseconds since the epoch. */
  publishedAt: number | undefined;
}>;

/** A serving certificate and its own private key, ECDSA P-256. */
export type Leaf = Readonly<{ certificate: X509Certificate; privateKeyPem: string }>;

/** What the replicas have agreed on. Whatever of it the Secret holds in an unusable form counts as absent. */
export type CertificateState = Readonly<{
  /** The issuer of the leaf. */
  current: Authority | undefined;
  leaf: Leaf | undefined;
  /** The issuer of leaves to come, published ahead of them; always with its private key. */
  next: Authority | undefined;
  /** Authorities that issue no more, whose leaves may still be served somewhere. */
  previous: readonly X509Certificate[];
  /** When the previous ones may go: milliseconds since the epoch; undefined where that is not known. */
  previousUntil: number | undefined;
}>;

const KEYS = {
  leaf: 'tls.crt',
  leafKey: 'tls.key',
  current: { certificate: 'ca.crt', privateKey: 'ca.key', publishedAt: 'ca.published-at' },
  next: { certificate: 'next-ca.crt', privateKey: 'next-ca.key', publishedAt: 'next-ca.published-at' },
  previous: 'previous-ca.crt',
  previousUntil: 'previous-ca.until',
} as const;

/** Reads what the replicas have agreed on; total: any data is some state. */
export function readState(data: SecretData): CertificateState {
  const current = readAuthority(data, KEYS.current);
  const next = readAuthority(data, KEYS.next);
  const isNextOfUse =
    next?.privateKeyPem !== undefined && next.certificate.toString() !== current?.certificate.toString();
  return {
    current,
    leaf: readLeaf(data[KEYS.leaf] ?? '', data[KEYS.leafKey] ?? ''),
    next: isNextOfUse ? next : undefined,
    previous: parseCertificates(data[KEYS.previous] ?? ''),
    previousUntil: readTime(data[KEYS.previousUntil]),
  };
}

/** Writes what the replicas shall agree on; what a Secret holds beyond our keys is none of our business. */
export function writeState(state: CertificateState, data: SecretData): SecretData {
  const ours: Record<string, string | undefined> = {
    // Both keys must be there, even empty, in a Secret of type kubernetes.io/tls.
    [KEYS.leaf]: state.leaf?.certificate.toString() ?? '',
    [KEYS.leafKey]: state.leaf?.privateKeyPem ?? '',
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

/** All certificates in a text, whatever else it holds; in time linear to its length. */
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

function readAuthority(data: SecretData, keys: AuthorityKeys): Authority | undefined {
  const [certificate] = parseCertificates(data[keys.certificate] ?? '');
  if (certificate === undefined || !certificate.ca) {
    return undefined;
  }
  const privateKeyPem = data[keys.privateKey] ?? '';
  return {
    certificate,
    privateKeyPem: isKeyOf(certificate, privateKeyPem) ? privateKeyPem : undefined,
    publishedAt: readTime(data[keys.publishedAt]),
  };
}

function writeAuthority(
  authority: Authority | undefined,
  keys: AuthorityKeys,
): Record<string, string | undefined> {
  return {
    [keys.certificate]: authority?.certificate.toString(),
    [keys.privateKey]: authority?.privateKeyPem,
    [keys.publishedAt]: writeTime(authority?.publishedAt),
  };
}

function readLeaf(certificatePem: string, privateKeyPem: string): Leaf | undefined {
  const [certificate] = parseCertificates(certificatePem);
  return certificate !== undefined && isKeyOf(certificate, privateKeyPem)
    ? { certificate, privateKeyPem }
    : undefined;
}

function isKeyOf(certificate: X509Certificate, privateKeyPem: string): boolean {
  const key = attempt(() => createPrivateKey(privateKeyPem));
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

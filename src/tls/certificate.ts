import type { X509Certificate } from 'node:crypto';

export const DAY_MS = 86_400_000;

/** Certificates of ours are valid from an hour before their issue, for clocks that run behind. */
export const BACKDATED_MS = 3_600_000;

/** A certificate authority of ours, ECDSA P-256. */
export type CertificateAuthority = Readonly<{
  certificate: X509Certificate;
  /** Its private key, PEM; undefined if no usable key of this certificate is known. */
  key: string | undefined;
  /** When all webhooks were first seen to carry it: milliseconds since the epoch. */
  publishedAt: number | undefined;
}>;

/** A serving certificate and its own private key. */
export type ServingCertificate = Readonly<{
  certificate: X509Certificate;
  /** The certificate, followed by its chain if it has one, PEM. */
  cert: string;
  /** The private key, PEM. */
  key: string;
}>;

/** Receives later certificates of a source. */
export type CertificateListener = Readonly<{
  onCertificate: (certificate: ServingCertificate) => void;
  /** There is a new certificate that cannot be used; the last good one stays in use. */
  onProblem: (problem: string) => void;
}>;

/** A source of the serving certificate: files, or the replicas themselves. */
export type CertificateSource = Readonly<{
  first: ServingCertificate;
  watch: (listener: CertificateListener) => Readonly<{ close: () => void }>;
}>;

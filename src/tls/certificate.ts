import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Reading, watchContent } from '../files/poll.ts';
import { errorMessage } from '../text/printable.ts';
import { failure, type Result, success, UsableError } from '../text/problem.ts';

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
  /** There is no problem any more. */
  onRecovery: () => void;
}>;

/** A source of the serving certificate: files, or the replicas themselves. */
export type CertificateSource = Readonly<{
  first: ServingCertificate;
  watch: (listener: CertificateListener) => Readonly<{ close: () => void }>;
}>;

/** The files of a certificate with its chain and of its private key, both PEM. */
export type CertificatePaths = Readonly<{ tlsCertFile: string; tlsPrivateKeyFile: string }>;

/**
 * Loads a certificate and its key from files, and watches them.
 *
 * @throws {UsableError} if a file cannot be read or parsed, or the key is not that of the certificate
 */
export function loadCertificateFiles(paths: CertificatePaths): CertificateSource {
  const reading = readFiles(paths);
  const first = parsePair(paths, reading);
  if (!first.ok) {
    throw new UsableError(first.problem);
  }
  return {
    first: first.value,
    watch: ({ onCertificate, onProblem, onRecovery }) =>
      watchContent(
        () => readFiles(paths),
        reading,
        (changed) => {
          const certificate = parsePair(paths, changed);
          if (!certificate.ok) {
            onProblem(certificate.problem);
            return;
          }
          try {
            onCertificate(certificate.value);
            onRecovery();
          } catch (error) {
            onProblem(errorMessage(error));
          }
        },
      ),
  };
}

type Pair = Readonly<{ cert: string; key: string }>;

function readFiles({ tlsCertFile, tlsPrivateKeyFile }: CertificatePaths): Reading<Pair> {
  let flag = '--tls-cert-file';
  try {
    const cert = readFileSync(tlsCertFile, 'utf8');
    flag = '--tls-private-key-file';
    return success({ cert, key: readFileSync(tlsPrivateKeyFile, 'utf8') });
  } catch (error) {
    return failure(`${flag}: expected a file that can be read, found ${errorMessage(error)}`);
  }
}

function parsePair(
  { tlsCertFile, tlsPrivateKeyFile }: CertificatePaths,
  reading: Reading<Pair>,
): Result<ServingCertificate, string> {
  if (!reading.ok) {
    return reading;
  }
  const { cert, key } = reading.value;
  const certificate = attempt(() => new X509Certificate(cert));
  if (certificate === undefined) {
    return failure(`--tls-cert-file: expected a PEM certificate, found none in ${tlsCertFile}`);
  }
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey === undefined) {
    return failure(
      `--tls-private-key-file: expected a PEM private key without a passphrase, found none in ${tlsPrivateKeyFile}`,
    );
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    return failure(
      `--tls-private-key-file: expected the key of the certificate in ${tlsCertFile}, found another in ${tlsPrivateKeyFile}`,
    );
  }
  if (attempt(() => createSecureContext({ cert, key })) === undefined) {
    return failure(
      `--tls-cert-file: expected a certificate that TLS accepts, found a weak or broken one in ${tlsCertFile}`,
    );
  }
  return success({ certificate, cert, key });
}

function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

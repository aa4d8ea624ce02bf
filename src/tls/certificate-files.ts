import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Reading, watchContent } from '../files/poll.ts';
import { errorMessage } from '../text/printable.ts';
import { failure, success } from '../text/problem.ts';

/** Where a certificate with its chain and its private key lie, both PEM. */
export type CertificatePaths = Readonly<{ tlsCertFile: string; tlsPrivateKeyFile: string }>;

/** A certificate with its chain and its private key, known to belong together. */
export type CertificatePair = Readonly<{ cert: string; key: string; expiresAt: Date }>;

/** A certificate or key file that cannot be used; the message says which, why and what to do. */
export class CertificateError extends Error {
  override name = 'CertificateError';
}

/** Who is told of what the files hold once they have changed. */
export type CertificateListener = Readonly<{
  onCertificate: (pair: CertificatePair) => void;
  /** The files cannot be used; whatever was told last stays in use. */
  onProblem: (problem: string) => void;
}>;

/** A certificate from files, and the watch over them. */
export type CertificateFiles = Readonly<{
  first: CertificatePair;
  watch: (listener: CertificateListener) => Readonly<{ close: () => void }>;
}>;

/**
 * Loads a certificate and its key from files.
 *
 * @throws {CertificateError} where a file cannot be read or parsed, or they do not belong together
 */
export function loadCertificateFiles(paths: CertificatePaths): CertificateFiles {
  const reading = readFiles(paths);
  return {
    first: checkPair(paths, reading),
    watch: ({ onCertificate, onProblem }) =>
      watchContent(
        () => readFiles(paths),
        reading,
        (changed) => {
          try {
            onCertificate(checkPair(paths, changed));
          } catch (error) {
            onProblem(errorMessage(error));
          }
        },
      ),
  };
}

type Pems = Readonly<{ cert: string; key: string }>;

function readFiles({ tlsCertFile, tlsPrivateKeyFile }: CertificatePaths): Reading<Pems> {
  let flag = '--tls-cert-file';
  try {
    const cert = readFileSync(tlsCertFile, 'utf8');
    flag = '--tls-private-key-file';
    return success({ cert, key: readFileSync(tlsPrivateKeyFile, 'utf8') });
  } catch (error) {
    return failure(`${flag}: expected a file that can be read, found ${errorMessage(error)}`);
  }
}

function checkPair(
  { tlsCertFile, tlsPrivateKeyFile }: CertificatePaths,
  reading: Reading<Pems>,
): CertificatePair {
  if (!reading.ok) {
    throw new CertificateError(reading.problem);
  }

  const { cert, key } = reading.value;
  const certificate = attempt(
    () => new X509Certificate(cert),
    `--tls-cert-file: expected a PEM certificate, found none in ${tlsCertFile}`,
  );
  const privateKey = attempt(
    () => createPrivateKey(key),
    `--tls-private-key-file: expected a PEM private key without a passphrase, found none in ${tlsPrivateKeyFile}`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      `--tls-private-key-file: expected the key of the certificate in ${tlsCertFile}, found another in ${tlsPrivateKeyFile}`,
    );
  }
  attempt(
    () => createSecureContext({ cert, key }),
    `--tls-cert-file: expected a certificate that TLS accepts, found a weak or broken one in ${tlsCertFile}`,
  );
  return { cert, key, expiresAt: new Date(certificate.validTo) };
}

function attempt<Value>(action: () => Value, message: string): Value {
  try {
    return action();
  } catch {
    throw new CertificateError(message);
  }
}

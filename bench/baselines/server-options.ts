import { readFileSync } from 'node:fs';

/** The webhook's settings of TLS, and of how long idle connections are kept: longer than one's turn takes to come round. */
export function readServerOptions(certFile: string | undefined, keyFile: string | undefined) {
  return {
    cert: readFileSync(certFile ?? ''),
    key: readFileSync(keyFile ?? ''),
    minVersion: 'TLSv1.2',
    ecdhCurve: 'X25519:X25519MLKEM768:P-256:P-384',
    keepAliveTimeout: 120_000,
  } as const;
}

import type { Authority, CertificateState } from './certificate-state.ts';

/** Authorities that issue no more, and until when they stay in the bundle. */
export type Retired = Pick<CertificateState, 'previous' | 'previousUntil'>;

/** What the Secret shall hold next, and why. */
export type Change = Readonly<
  { reason: string } & (
    | { type: 'start-over'; retired: Retired }
    | { type: 'promote'; authority: Authority; retired: Retired }
    | { type: 'renew-leaf'; authority: Authority }
    | { type: 'add-next' }
    | { type: 'update'; state: CertificateState }
  )
>;

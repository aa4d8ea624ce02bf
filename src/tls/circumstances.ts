import type { X509Certificate } from 'node:crypto';
import type { Leaf } from './certificate-state.ts';

/** A serving certificate in use, with the authority that issued it. */
export type Serving = Readonly<{ leaf: Leaf; authority: X509Certificate }>;

/** What the plan depends on beside the Secret. */
export type Circumstances = Readonly<{
  /** Milliseconds since the epoch. */
  now: number;
  /** The DNS name that API servers verify: `<service>.<namespace>.svc`. */
  serverName: string;
  /** What this replica serves; undefined where it serves nothing yet. */
  serving: Serving | undefined;
  /** The certificates in the caBundle of each webhook; undefined where they could not be read. */
  published: readonly (readonly X509Certificate[])[] | undefined;
  leafLifetimeMs: number;
  /** For how long webhooks must have carried an authority before a leaf of it replaces one of another. */
  publicationLeadMs: number;
}>;

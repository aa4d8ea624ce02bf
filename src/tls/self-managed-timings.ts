const DAY_MS = 86_400_000;

/** How long things last, in milliseconds; docs/decisions/0011-replicas-make-their-certificates.md says why. */
export type SelfManagedTimings = Readonly<{
  /** The life of a CA; after two thirds of it, the next one is made. */
  authorityLifetimeMs: number;
  /** The life of a serving certificate; after two thirds of it, another is issued. */
  leafLifetimeMs: number;
  /** How long a CA is published before a certificate of it takes the place of one of another. */
  publicationLeadMs: number;
  /** Between two looks at the Secret and the webhook configurations, less a random part of up to a half. */
  pollIntervalMs: number;
}>;

export const DEFAULT_TIMINGS: SelfManagedTimings = {
  authorityLifetimeMs: 365 * DAY_MS,
  leafLifetimeMs: 90 * DAY_MS,
  publicationLeadMs: 3_600_000,
  pollIntervalMs: 5_000,
};

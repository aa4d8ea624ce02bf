import type { Allowlist } from '../policy/schema/allowlist.ts';

/** All allowlists of a source at one time. */
export type Snapshot = Readonly<{
  allowlists: readonly Allowlist[];
  /** The names of those that were salvaged from what our schema does not accept. */
  invalid: readonly string[];
}>;

import type { Caller, PodRole, Settle } from '../admission/route.ts';
import type { Labels } from '../policy/label-selector.ts';
import type { AllowlistChanges, Policy } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import type { ExceededBound } from '../policy/share.ts';

/** Why an allowlist only denies in its namespaces. */
export type DeniedState = 'invalid' | 'over-bound';

/** Changes of allowlists that count together. */
export type SourceChanges = AllowlistChanges &
  Readonly<{
    /** Those of the changed allowlists that only deny, by name. */
    denied: ReadonlyMap<string, DeniedState>;
  }>;

/** A source of allowlists: files, or the cluster. */
export type AllowlistSource = Readonly<{
  /** Resolves to all allowlists; nothing can be decided before it. */
  first: Promise<SourceChanges>;
  /** Passes on each later change; called once, after the first allowlists. */
  watch: (onChanges: (changes: SourceChanges) => void) => void;
  /** The bound that an allowlist would exceed if it is written; undefined if there is none. */
  findExceededBound: (allowlist: Allowlist) => ExceededBound | undefined;
  /** Reports the state of each allowlist under this policy to the owners of the allowlists. */
  report: (policy: Policy) => void;
  /** Ends the reports. A server that stops may have other settings than the one that takes its place. */
  endReports: () => void;
  /** The labels of a namespace; undefined if the namespace does not become known in time. */
  getNamespaceLabels: (namespace: string) => Labels | undefined | Promise<Labels | undefined>;
  /** All namespaces with their labels; undefined if the source does not know namespaces. */
  getNamespaces: () => ReadonlyMap<string, Labels> | undefined;
  /**
   * The role of a pod in the cluster. Callers wait for it in turn.
   *
   * @throws {UndecidedError} if too many wait, or the caller is gone
   */
  getPodRole: (namespace: string, name: string, caller: Caller) => Promise<PodRole>;
  /** Waits for an allowlist that is just being written; absent if the source has none. */
  settle?: Settle;
  /** Notes on the source for an operator. */
  notes: () => readonly string[];
  close: () => void;
}>;

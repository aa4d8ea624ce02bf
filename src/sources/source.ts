import type { Caller } from '../admission/caller.ts';
import type { PodRole } from '../admission/pod-role.ts';
import type { Labels } from '../policy/label-selector.ts';
import type { Policy } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';

/** All allowlists of a source at one time. */
export type Snapshot = Readonly<{
  allowlists: readonly Allowlist[];
  /** The names of those that the schema rejects: their namespaces are denied everything. */
  invalid: readonly string[];
}>;

/** A source of allowlists: files, or the cluster. */
export type AllowlistSource = Readonly<{
  /** Resolves to the first snapshot; nothing can be decided before it. */
  first: Promise<Snapshot>;
  /** Passes on each later snapshot; called once, after the first. */
  watch: (onSnapshot: (snapshot: Snapshot) => void) => void;
  /** Reports the state of each allowlist under this policy to the owners of the allowlists. */
  report: (policy: Policy) => void;
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
  /** Notes on the source for an operator. */
  notes: () => readonly string[];
  close: () => void;
}>;

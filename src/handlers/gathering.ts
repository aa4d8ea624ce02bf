import type { AdviceAction } from '../admission/advice-action.ts';
import type { NamespaceFacts } from '../admission/decide.ts';
import type { BoundPodFacts } from '../admission/decide-binding.ts';
import type { Labels } from '../policy/label-selector.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * What is written may come before the news of a namespace that was created just before it. Shorter than pods wait for that,
 * since many objects may be applied one after the other.
 */
export const NEWS_WAIT_MS = 150;

/** What is gathered for decisions. */
export type Gathering = Readonly<{
  getPolicy: () => Policy;
  /** What is known of the namespace of a request. */
  gatherNamespace: (namespace: string) => NamespaceFacts | Promise<NamespaceFacts>;
  /** The role that a pod of the cluster names. */
  gatherBoundPod: (namespace: string, name: string) => Promise<BoundPodFacts>;
  /** The namespaces that there are, with their labels; undefined where they are not known. */
  knownNamespaces: () => ReadonlyMap<string, Labels> | undefined;
}>;

/** What is done about other objects than pods. */
export type HandlerSettings = Readonly<{
  workloadsAction: AdviceAction;
  injectorsAction: AdviceAction;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
  /** Namespaces whose pods are not mutated. */
  unmutatedNamespaces: readonly string[];
}>;

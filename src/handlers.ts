import { decide, NAMESPACE_WITHOUT_LABELS, type NamespaceFacts } from './admission/decide.ts';
import { type BoundPodFacts, decideBinding, parseRoleBinding } from './admission/decide-binding.ts';
import { NOT_DECIDED, type Pass } from './admission/decision.ts';
import { isPodCreation } from './admission/review.ts';
import type { AdmissionHandler } from './http/admission-server.ts';
import type { Labels } from './policy/label-selector.ts';
import type { Policy } from './policy/policy.ts';
import { warnOfAllowlists } from './warn-of-allowlists.ts';

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

/** What decides the requests of each path: facts are gathered, then a pure function decides. */
export function createHandlers(gathering: Gathering): Readonly<Record<string, AdmissionHandler>> {
  return {
    '/mutate': decidePods('mutate', gathering),
    '/validate': decidePods('validate', gathering),
    '/bind': decideBindings(gathering),
    '/allowlists': warnOfAllowlists(gathering),
  };
}

function decidePods(pass: Pass, { getPolicy, gatherNamespace }: Gathering): AdmissionHandler {
  return (request) => {
    const conclude = (facts: NamespaceFacts) => decide(pass, request, getPolicy(), Date.now(), facts);
    const facts = isPodCreation(request) ? gatherNamespace(request.namespace) : NAMESPACE_WITHOUT_LABELS;
    return facts instanceof Promise ? facts.then(conclude) : conclude(facts);
  };
}

function decideBindings({ gatherBoundPod }: Gathering): AdmissionHandler {
  return (request) => {
    const binding = parseRoleBinding(request);
    return binding === undefined
      ? NOT_DECIDED
      : gatherBoundPod(request.namespace, binding.podName).then((facts) => decideBinding(binding, facts));
  };
}

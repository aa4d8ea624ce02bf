import type { AdviceAction } from './admission/advice-action.ts';
import { decide, NAMESPACE_WITHOUT_LABELS, type NamespaceFacts } from './admission/decide.ts';
import { decideAdvice } from './admission/decide-advice.ts';
import { type BoundPodFacts, decideBinding, parseRoleBinding } from './admission/decide-binding.ts';
import { decideInjector } from './admission/decide-injector.ts';
import { NOT_DECIDED, type Pass } from './admission/decision.ts';
import { parseInjectorEdit } from './admission/parse-injector.ts';
import { isPodCreation } from './admission/review.ts';
import { parseWorkloadChange } from './admission/workload-change.ts';
import type { AdmissionHandler } from './http/admission-server.ts';
import type { Labels } from './policy/label-selector.ts';
import type { Policy } from './policy/policy.ts';
import { doInSlices } from './sources/interruptible.ts';
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

/** What is done about other objects than pods. */
export type HandlerSettings = Readonly<{
  workloadsAction: AdviceAction;
  injectorsAction: AdviceAction;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
}>;

/** What decides the requests of each path: facts are gathered, then a pure function decides. */
export function createHandlers(
  gathering: Gathering,
  settings: HandlerSettings,
): Readonly<Record<string, AdmissionHandler>> {
  return {
    '/mutate': decidePods('mutate', gathering),
    '/validate': decidePods('validate', gathering),
    '/bind': decideBindings(gathering),
    '/advise': adviseOnWorkloads(gathering, settings),
    '/injectors': decideInjectors(gathering, settings),
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

function adviseOnWorkloads(
  { getPolicy, gatherNamespace }: Gathering,
  { workloadsAction: action }: HandlerSettings,
): AdmissionHandler {
  return (request) => {
    const change = action === 'Off' ? undefined : parseWorkloadChange(request);
    if (change === undefined) {
      return NOT_DECIDED;
    }
    const conclude = (namespaceFacts: NamespaceFacts) =>
      decideAdvice(change, { policy: getPolicy(), action, now: Date.now(), namespaceFacts });
    const facts = gatherNamespace(change.namespace);
    return facts instanceof Promise ? facts.then(conclude) : conclude(facts);
  };
}

function decideInjectors(
  { getPolicy, knownNamespaces }: Gathering,
  { injectorsAction: action, excludedNamespaces }: HandlerSettings,
): AdmissionHandler {
  return (request) => {
    const entries = action === 'Off' ? undefined : parseInjectorEdit(request);
    if (action === 'Off' || entries === undefined) {
      return NOT_DECIDED;
    }
    const facts = { action, policy: getPolicy(), namespaces: knownNamespaces(), excludedNamespaces };
    return doInSlices(decideInjector(entries, facts, Date.now()));
  };
}

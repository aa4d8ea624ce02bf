import { setTimeout as sleep } from 'node:timers/promises';
import { decide, NAMESPACE_WITHOUT_LABELS, type NamespaceFacts } from '../admission/decide.ts';
import { decideBinding, parseRoleBinding } from '../admission/decide-binding.ts';
import { type Decision, NOT_DECIDED, type Pass } from '../admission/decision.ts';
import { decideInjector } from '../admission/injectors/decide-injector.ts';
import { parseInjectorEdit } from '../admission/injectors/parse-injector.ts';
import { isPodCreation } from '../admission/review.ts';
import { decideAdvice } from '../admission/workloads/decide-advice.ts';
import { parseWorkloadChange } from '../admission/workloads/workload-change.ts';
import type { AdmissionHandler } from '../http/admission-server.ts';
import { doInSlices } from '../sources/interruptible.ts';
import { type Gathering, type HandlerSettings, NEWS_WAIT_MS } from './gathering.ts';
import { warnOfAllowlists } from './warn-of-allowlists.ts';

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
    '/allowlists': warnOfAllowlists(gathering, settings),
  };
}

function decidePods(pass: Pass, { getPolicy, gatherNamespace }: Gathering): AdmissionHandler {
  return (request) => {
    const conclude = (facts: NamespaceFacts) => decide(pass, request, getPolicy(), Date.now(), facts);
    const facts = isPodCreation(request) ? gatherNamespace(request.namespace) : NAMESPACE_WITHOUT_LABELS;
    return onceGathered(facts, conclude);
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
  { workloadsAction: action, excludedNamespaces, unmutatedNamespaces }: HandlerSettings,
): AdmissionHandler {
  return (request) => {
    if (action === 'Off' || excludedNamespaces.includes(request.namespace)) {
      return NOT_DECIDED;
    }
    const change = parseWorkloadChange(request);
    if (change === undefined) {
      return NOT_DECIDED;
    }
    const isMutated = !unmutatedNamespaces.includes(change.namespace);
    const conclude = (namespaceFacts: NamespaceFacts) =>
      decideAdvice(change, { policy: getPolicy(), action, isMutated, now: Date.now(), namespaceFacts });
    return onceGathered(gatherNamespace(change.namespace), conclude);
  };
}

function decideInjectors(
  { getPolicy, knownNamespaces }: Gathering,
  { injectorsAction: action, excludedNamespaces }: HandlerSettings,
): AdmissionHandler {
  return (request) => {
    if (action === 'Off') {
      return NOT_DECIDED;
    }
    const entries = parseInjectorEdit(request);
    if (entries === undefined) {
      return NOT_DECIDED;
    }
    const conclude = () => {
      const facts = { action, policy: getPolicy(), namespaces: knownNamespaces(), excludedNamespaces };
      return doInSlices(decideInjector(entries, facts, Date.now()));
    };
    const rolesAreSet = entries.some(({ isOld }) => !isOld);
    return rolesAreSet && knownNamespaces() !== undefined ? sleep(NEWS_WAIT_MS).then(conclude) : conclude();
  };
}

/** At once where nothing has to be waited for: a promise would cost every request a turn of the microtask queue. */
function onceGathered(
  facts: NamespaceFacts | Promise<NamespaceFacts>,
  conclude: (facts: NamespaceFacts) => Decision,
): Decision | Promise<Decision> {
  return facts instanceof Promise ? facts.then(conclude) : conclude(facts);
}

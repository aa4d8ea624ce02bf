import jsonpatch from 'jsonpatch';
import { type Decision, NOT_DECIDED, type Outcome } from '../../admission/decision.ts';
import type { AdmissionRequest } from '../../admission/review.ts';
import { ROLE_ANNOTATION } from '../../admission/role-annotation.ts';
import type { DecideRequest } from '../../admission/route.ts';
import { evaluateReferences, isViolation } from '../../admission/workloads/evaluate.ts';
import { workloadWarning } from '../../admission/workloads/messages.ts';
import { findPodTemplate, readWorkload } from '../../admission/workloads/read.ts';
import { asObject, asString, type JsonObject, own } from '../../json/json.ts';
import { NO_CALLER, type PolicyView } from '../policy-view.ts';
import { type Resource, withServiceAccountName } from './kinds.ts';

/** An object as it is created in a namespace. */
export type Creation = Readonly<{ namespace: string; kind: string; name: string; object: JsonObject }>;

/** The decision on an object and on the pods that it creates. */
export type PodsDecision = Readonly<{
  outcome: Outcome;
  reason: Decision['reason'];
  /** The roles of its pods as they are created; those that they name if they are denied. */
  roles: readonly string[];
  /** The allowlists that the decision rests on. */
  allowlists: readonly string[];
  /** Why the object or its pods are denied. */
  denials: readonly string[];
  warnings: readonly string[];
}>;

/** Decides the creation of a pod: as it arrives, and as it is after the webhook has changed it. */
export async function decidePod(creation: Creation, view: PolicyView): Promise<PodsDecision> {
  const { namespace, object: given } = creation;
  const { excludedNamespaces, unmutatedNamespaces } = view.options;
  const pod = withServiceAccountName(given);
  const request = toRequest({ ...creation, object: pod }, { group: '', resource: 'pods' });
  const mutated = unmutatedNamespaces.includes(namespace)
    ? undefined
    : await decide(view, '/mutate-pods', request);
  const isChanged = mutated !== undefined && mutated.patch.length > 0;
  const object = isChanged ? asObject(jsonpatch.apply_patch(pod, [...mutated.patch])) : pod;
  const validated =
    excludedNamespaces.includes(namespace) || mutated?.denial !== undefined
      ? undefined
      : await decide(view, '/validate-pods', { ...request, object });

  const denial = mutated?.denial ?? validated?.denial;
  const { outcome, reason, allowlists } = (isChanged ? mutated : (validated ?? mutated)) ?? NOT_DECIDED;
  const role = roleOf(object);
  return {
    ...{ outcome, reason, allowlists },
    roles: role === '' ? [] : [role],
    denials: denial === undefined ? [] : [denial.message],
    warnings: [...new Set([...(mutated?.warnings ?? []), ...(validated?.warnings ?? [])])],
  };
}

/** Decides the creation of a workload of a built-in kind, and of the pods of its template. */
export async function decideWorkload(
  creation: Creation,
  resource: Resource,
  view: PolicyView,
): Promise<PodsDecision> {
  const found = findPodTemplate(resource, creation.object);
  if (found === undefined) {
    return { ...NOTHING, warnings: [] };
  }
  const { path, template } = found;
  const whole = withTemplate(creation.object, path, withServiceAccountName(template));
  const { denial, warnings } = await decide(
    view,
    '/validate-workloads',
    toRequest({ ...creation, object: whole }, resource),
  );
  const { metadata, spec } = template;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: metadata ?? {}, spec };
  const pods = await decidePod({ ...creation, kind: 'Pod', object: pod }, view);
  // The message of the workload names its kind, and has all parts of the pods' denial.
  return {
    ...pods,
    denials: pods.denials.length === 0 ? [] : [denial?.message ?? pods.denials[0] ?? ''],
    warnings,
  };
}

/** Decides the creation of an object of a custom kind by the roles in it; undefined if it names none. */
export async function decideCustomKind(
  creation: Creation,
  resource: Resource,
  view: PolicyView,
): Promise<PodsDecision | undefined> {
  const { namespace, kind, object } = creation;
  const { references = [] } = readWorkload(resource, object) ?? {};
  if (references.length === 0) {
    return undefined;
  }
  const decision = await decide(view, '/validate-workloads', toRequest(creation, resource));
  const { policy, now, labelsOf, options } = view;
  const isMutated = !options.unmutatedNamespaces.includes(namespace);
  const facts = { policy, now, labels: labelsOf(namespace), isMutated };
  const isExcluded = options.excludedNamespaces.includes(namespace);
  const denied = isExcluded
    ? []
    : evaluateReferences(references, namespace, facts)
        .filter(isViolation)
        .filter(({ evaluation }) => evaluation.action === 'Deny');
  const messages = new Set(
    denied.map(({ reference, subject, evaluation }) =>
      workloadWarning({ kind, path: reference.path }, subject, evaluation),
    ),
  );
  return {
    outcome: denied.length > 0 ? 'deny' : decision.outcome,
    reason: decision.reason,
    roles: [...new Set(references.flatMap(({ role }) => role ?? []))],
    allowlists: decision.allowlists,
    denials: decision.warnings.filter((warning) => messages.has(warning)),
    warnings: decision.warnings.filter((warning) => !messages.has(warning)),
  };
}

const NOTHING: PodsDecision = {
  outcome: 'allow',
  reason: 'not-decided',
  roles: [],
  allowlists: [],
  denials: [],
  warnings: [],
};

/** Decides the creation of an object that creates no pods, such as an injector. */
export async function decideOther(
  creation: Creation,
  resource: Resource,
  path: string,
  view: PolicyView,
): Promise<PodsDecision> {
  const { outcome, reason, role, allowlists, denial, warnings } = await decide(
    view,
    path,
    toRequest(creation, resource),
  );
  const denials = denial === undefined ? [] : [denial.message];
  return { outcome, reason, roles: role === undefined ? [] : [role], allowlists, denials, warnings };
}

function toRequest({ namespace, kind, name, object }: Creation, resource: Resource): AdmissionRequest {
  const created = { operation: 'CREATE', subresource: '', dryRun: false, oldObject: undefined };
  return { uid: '', namespace, resource, kind, name, object, ...created };
}

async function decide(view: PolicyView, path: string, request: AdmissionRequest): Promise<Decision> {
  const route: DecideRequest | undefined = view.routes[path];
  if (route === undefined) {
    throw new TypeError(`no route ${path}`);
  }
  return route(request, NO_CALLER);
}

function roleOf(pod: JsonObject): string {
  return asString(own(asObject(asObject(pod['metadata'])['annotations']), ROLE_ANNOTATION));
}

function withTemplate(
  object: JsonObject,
  [key, ...path]: readonly string[],
  template: JsonObject,
): JsonObject {
  return key === undefined
    ? template
    : { ...object, [key]: withTemplate(asObject(object[key]), path, template) };
}

import { asObject, own } from '../policy/json-object.ts';
import { printable, quoted } from '../policy/printable.ts';
import { type Decision, NOTHING_TO_DO } from './decision.ts';
import { asString } from './json.ts';
import { buildForbidden } from './refusal.ts';
import type { AdmissionRequest } from './review.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';

/** What was gathered of the pod that a Binding binds: the role that it names, or why that is not known. */
export type BoundPodFacts =
  | Readonly<{ role: string | undefined; problem?: never }>
  | Readonly<{ role?: never; problem: string }>;

/** A Binding that would set the annotation: its pod, and the role, empty for none. */
export type RoleBinding = Readonly<{ podName: string; role: string }>;

/**
 * Reads a Binding that carries the annotation, undefined where the request is none such. The API server copies the
 * annotations of a Binding onto the pod, past all admission of updates of pods.
 */
export function parseRoleBinding({
  operation,
  resource,
  subresource,
  name,
  object,
}: AdmissionRequest): RoleBinding | undefined {
  const isOfPod = resource.resource === 'pods' && subresource === 'binding';
  const isLegacy = resource.resource === 'bindings' && subresource === '';
  if (operation !== 'CREATE' || resource.group !== '' || !(isOfPod || isLegacy)) {
    return undefined;
  }

  const metadata = asObject(asObject(object)['metadata']);
  const annotations = asObject(metadata['annotations']);
  return Object.hasOwn(annotations, ROLE_ANNOTATION)
    ? { podName: asString(metadata['name']) || name, role: asString(own(annotations, ROLE_ANNOTATION)) }
    : undefined;
}

/** Decides a Binding that carries the annotation: it must repeat what the pod has, for which absent and empty are the same. */
export function decideBinding({ podName, role }: RoleBinding, facts: BoundPodFacts): Decision {
  const isRepeated = facts.problem === undefined && role === (facts.role ?? '');
  return {
    ...NOTHING_TO_DO,
    decision: isRepeated ? 'allow' : 'deny',
    reason: isRepeated ? 'allowed' : 'not-allowed',
    requestedRole: role,
    auditAnnotations: { decision: isRepeated ? 'allow' : 'deny', role: printable(role) },
    refusal: isRepeated ? undefined : buildForbidden(refusalMessage(podName, role, facts)),
  };
}

function refusalMessage(podName: string, role: string, facts: BoundPodFacts): string {
  const what = `a Binding may not change the RAM role of a pod (annotation ${ROLE_ANNOTATION})`;
  const why =
    facts.problem ?? `pod ${quoted(podName)} names ${named(facts.role ?? '')}, the Binding ${named(role)}`;
  return `${what}: ${why}; leave the annotation out of the Binding`;
}

function named(role: string): string {
  return role === '' ? 'no role' : quoted(role);
}

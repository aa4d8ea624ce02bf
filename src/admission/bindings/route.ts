import { asObject, asString, own } from '../../json/json.ts';
import { printable, quoted } from '../../text/printable.ts';
import type { Result } from '../../text/problem.ts';
import { type Decision, forbidden, NOTHING_TO_DO } from '../decision.ts';
import type { AdmissionRequest } from '../review.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import type { Route } from '../route.ts';

/** The role that the pod of a Binding names, undefined if it names none; or the problem if it is not known. */
export type PodRole = Result<string | undefined, string>;

/** A Binding with the annotation: its pod, and its role, empty if the annotation is. */
export type RoleBinding = Readonly<{ namespace: string; podName: string; role: string }>;

/** Decides Bindings with the annotation, by the role that their pod names. */
export const bindingsRoute: Route<RoleBinding, PodRole> = {
  parse: parseRoleBinding,
  gather: ({ namespace, podName }, { getPodRole }) => getPodRole(namespace, podName),
  decide: decideBinding,
};

/**
 * Reads a Binding with the annotation; undefined if the request has none. The API server copies the annotations of a
 * Binding to the pod without calling the webhooks for updates of pods.
 */
export function parseRoleBinding({
  operation,
  resource,
  subresource,
  namespace,
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
    ? {
        namespace,
        podName: asString(metadata['name']) || name,
        role: asString(own(annotations, ROLE_ANNOTATION)),
      }
    : undefined;
}

/** Decides a Binding with the annotation: it must have the pod's role. An absent role and an empty one are the same. */
export function decideBinding({ podName, role }: RoleBinding, podRole: PodRole): Decision {
  const isRepeated = podRole.ok && role === (podRole.value ?? '');
  const outcome = isRepeated ? 'allow' : 'deny';
  return {
    ...NOTHING_TO_DO,
    outcome,
    reason: isRepeated ? 'allowed' : 'not-allowed',
    role,
    auditAnnotations: { decision: outcome, role: printable(role) },
    denial: isRepeated ? undefined : forbidden(denialMessage(podName, role, podRole)),
  };
}

function denialMessage(podName: string, role: string, podRole: PodRole): string {
  const verdict = `a Binding may not change the RAM role of a pod (annotation ${ROLE_ANNOTATION})`;
  const why = podRole.ok
    ? `pod ${quoted(podName)} names ${named(podRole.value ?? '')}, the Binding ${named(role)}`
    : podRole.problem;
  return `${verdict}: ${why}; leave the annotation out of the Binding`;
}

function named(role: string): string {
  return role === '' ? 'no role' : quoted(role);
}

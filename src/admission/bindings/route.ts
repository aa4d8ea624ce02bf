import { asObject, asString, own } from '../../json/json.ts';
import { printable } from '../../text/printable.ts';
import { failure } from '../../text/problem.ts';
import { type Decision, forbidden, NOTHING_TO_DO } from '../decision.ts';
import { type AdmissionRequest, asShortText } from '../review.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import type { PodRole, Route } from '../route.ts';
import { bindingDenial, bindingProblem } from './messages.ts';

/** A longer value is denied unread, so that requests that wait hold little memory. No role has such a name. */
const MAX_ROLE_CHARACTERS = 1_024;

const TOO_LONG: PodRole = failure({
  kind: 'no-such-pod',
  message: `the role has more than ${MAX_ROLE_CHARACTERS} characters`,
});

/** A Binding with the annotation: its pod, and its role, empty if the annotation is. */
export type RoleBinding = Readonly<{ namespace: string; podName: string; role: string }>;

/** Decides Bindings with the annotation, by the role that their pod names. */
export const bindingsRoute: Route<RoleBinding, PodRole> = {
  parse: parseRoleBinding,
  gather: ({ namespace, podName, role }, { getPodRole }, getCaller) =>
    role.length > MAX_ROLE_CHARACTERS ? TOO_LONG : getPodRole(namespace, podName, getCaller()),
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
        podName: asShortText(metadata['name']) || name,
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
    ...(!isRepeated && {
      denial: forbidden(bindingDenial(podName, role, podRole)),
      problem: bindingProblem(podRole),
    }),
  };
}

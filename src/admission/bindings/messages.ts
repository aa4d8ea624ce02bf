import { quoted } from '../../text/printable.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import type { PodRole } from '../route.ts';

const FIX = `leave annotation ${ROLE_ANNOTATION} out of the Binding`;

/**
 * The message of a denial. It shows neither the pod's role nor whether the pod exists, because anyone who reaches the
 * port can ask about any pod.
 */
export function bindingDenial(podName: string, role: string, podRole: PodRole): string {
  const named = role === '' ? 'no role' : quoted(role);
  const verdict = `a Binding may not change the RAM role of pod ${quoted(podName)} to ${named}`;
  switch (podRole.ok ? undefined : podRole.problem.kind) {
    case 'unreadable':
      return `${verdict}: the webhook cannot read the pod now; try again`;
    case 'no-access':
      return `${verdict}: the server runs with --source=file and cannot read pods; ${FIX}`;
    default:
      return `${verdict}; ${FIX}`;
  }
}

/** What differs, for the server's log. */
export function bindingProblem(podRole: PodRole): string {
  if (!podRole.ok) {
    return podRole.problem.message;
  }
  return podRole.value === undefined || podRole.value === ''
    ? 'the pod names no role'
    : `the pod names ${quoted(podRole.value)}`;
}

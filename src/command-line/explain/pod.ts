import * as z from 'zod';
import { type Pod, parsePod, toSubject } from '../../admission/pod.ts';
import { findPodTemplate } from '../../admission/workloads/read.ts';
import { allowsRole, covers, hasExpired } from '../../policy/allowlist.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { matchesGlob } from '../../policy/glob.ts';
import { hintFor } from '../../policy/hints.ts';
import { isRoleName, withoutStars } from '../../policy/names.ts';
import type { RankedAllowlist } from '../../policy/selection.ts';
import type { Subject } from '../../policy/subject.ts';
import { quoted } from '../../text/printable.ts';
import { type CheckedObject, checkManifest } from '../check/check.ts';
import { toResource, withServiceAccountName } from '../check/kinds.ts';
import { nameOf } from '../check/result.ts';
import type { Manifest } from '../manifests/objects.ts';
import type { Output } from '../output.ts';
import type { PolicyView } from '../policy-view.ts';
import * as messages from './messages.ts';
import { findSelectedBy } from './selection.ts';

/** Why a pod gets its decision. */
export const POD_RESULT = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  serviceAccount: z.string(),
  role: z.string().optional().meta({ description: 'The role that the pod names.' }),
  steps: z
    .array(
      z.object({
        rule: z.string(),
        result: z.enum(['pass', 'fail', 'info']),
        text: z.string(),
        fix: z.string().optional().meta({ description: 'The change that would make the pod pass.' }),
      }),
    )
    .meta({ description: 'The rules in their order.' }),
  outcome: z.string(),
  reason: z.string(),
  roles: z.array(z.string()).meta({ description: 'The roles after admission.' }),
  messages: z.array(z.string()),
});

type PodResult = z.input<typeof POD_RESULT>;

/** Explains a pod, or the pods of a workload; undefined if the object is neither, or no pod can be read. */
export async function explainPod(
  manifest: Manifest,
  defaultNamespace: string,
  view: PolicyView,
): Promise<PodResult | undefined> {
  const template =
    manifest.apiVersion === 'v1' && manifest.kind === 'Pod'
      ? manifest.value
      : findPodTemplate(toResource(manifest), manifest.value)?.template;
  const parsed = template && parsePod({ metadata: {}, ...withServiceAccountName(template) });
  const checked = await checkManifest(manifest, defaultNamespace, view);
  return parsed?.ok && checked !== undefined ? toResult(parsed.value, checked, view) : undefined;
}

function toResult(pod: Pod, checked: CheckedObject, view: PolicyView): PodResult {
  const { kind, namespace, name, outcome, reason, roles, findings } = checked;
  const { serviceAccount, requestedRole } = pod;
  const subject = toSubject(pod, namespace, view.labelsOf(namespace));
  const steps =
    requestedRole === undefined
      ? explainDefault(subject, serviceAccount, view)
      : explainRole(subject, serviceAccount, requestedRole, view);
  return {
    ...{ kind, namespace, name, serviceAccount, outcome, reason },
    ...(requestedRole !== undefined && { role: requestedRole }),
    steps: [...explainNamespace(namespace, view), ...steps],
    roles: [...roles],
    messages: findings.map(({ message }) => message),
  };
}

function explainNamespace(namespace: string, { options }: PolicyView): readonly messages.Step[] {
  const step = (path: string): messages.Step => ({
    rule: 'namespace',
    result: 'info',
    text: `the API server does not send pods of namespace ${namespace} to ${path}`,
  });
  return [
    ...(options.unmutatedNamespaces.includes(namespace) ? [step('/mutate-pods')] : []),
    ...(options.excludedNamespaces.includes(namespace) ? [step('/validate-pods')] : []),
  ];
}

/** Nobody reads of more allowlists for other namespaces. */
const MAX_ELSEWHERE = 5;

function explainRole(
  subject: Subject,
  serviceAccount: string,
  role: string,
  { policy, now }: PolicyView,
): readonly messages.Step[] {
  const { ranked, action, summary } = policy.select(subject.namespace, subject.namespaceLabels);
  const selecting = new Set(ranked.map(({ allowlist }) => allowlist));
  const evaluation = evaluate(policy, subject, now);
  const elsewhere = [...policy.allowlists.values()]
    .filter((allowlist) => !selecting.has(allowlist) && allowsRole(allowlist, role))
    .slice(0, MAX_ELSEWHERE);
  const hint = evaluation.verdict === 'violation' ? hintFor(evaluation) : undefined;
  const isProtected = policy.isProtectedRole(withoutStars(role));
  const first = [messages.protectedStep(role, isProtected), messages.nameStep(role, isRoleName(role), hint)];
  if (isProtected || !isRoleName(role)) {
    // No allowlist is asked.
    return first;
  }
  return [
    ...first,
    ...(ranked.length === 0 ? [messages.noAllowlistStep(subject.namespace)] : []),
    ...ranked.map((entry) =>
      messages.allowlistStep(role, serviceAccount, toFacts(role, subject, entry, now)),
    ),
    ...(evaluation.verdict === 'violation'
      ? [
          ...elsewhere.map((allowlist) => messages.elsewhereStep(subject.namespace, allowlist)),
          messages.actionStep(evaluation.action, action === undefined ? [] : summary.names),
        ]
      : []),
  ];
}

function toFacts(
  role: string,
  subject: Subject,
  ranked: RankedAllowlist,
  now: number,
): messages.AllowlistFacts {
  const { allowlist } = ranked;
  return {
    allowlist,
    selectedBy: findSelectedBy(ranked, subject.namespace),
    entry: allowlist.roles.find((pattern) => matchesGlob(pattern, role)),
    isCovered: covers(allowlist, subject),
    hasExpired: hasExpired(allowlist, now),
  };
}

function explainDefault(
  subject: Subject,
  serviceAccount: string,
  { policy, now }: PolicyView,
): readonly messages.Step[] {
  const { ranked } = policy.select(subject.namespace, subject.namespaceLabels);
  const isEciPod = subject.hasEciMarker || policy.settings.eciDetection === 'all-pods';
  const steps = ranked.map(({ allowlist }) =>
    messages.defaultStep(serviceAccount, {
      allowlist,
      isTarget: isEciPod || allowlist.spec.injectInto === 'AllPods',
      isMirrorPod: subject.isMirrorPod,
      isCovered: covers(allowlist, subject),
      hasExpired: hasExpired(allowlist, now),
    }),
  );
  // The most specific allowlist that passes sets the role, so that later ones do not count.
  const first = steps.findIndex(({ result }) => result === 'pass');
  return first === -1 ? steps : steps.slice(0, first + 1);
}

const MARKS = { pass: ['green', 'pass'], fail: ['red', 'fail'], info: ['dim', 'info'] } as const;

/** Prints the explanation of a pod. */
export function printPod(result: PodResult, { print, style }: Output): void {
  const { serviceAccount, role, steps, outcome, reason, roles } = result;
  print(style('bold', nameOf(result)));
  print(
    `  ServiceAccount ${serviceAccount}, ${role === undefined ? 'no RAM role' : `RAM role ${quoted(role)}`}`,
  );
  for (const { rule, result, text, fix } of steps) {
    const [color, mark] = MARKS[result];
    print(`  ${style(color, mark)}  ${rule}: ${text}`);
    if (fix !== undefined && result !== 'pass') {
      print(`        fix: ${fix}`);
    }
  }
  print(
    `  ${style('bold', outcome)} (${reason})${roles.length === 0 ? '' : `, RAM role ${roles.map((role) => quoted(role)).join(', ')}`}`,
  );
  for (const message of result.messages) {
    print(`  ${message}`);
  }
}

import { buildMutatingPolicies } from '../../../../src/export/mutating-admission-policies.ts';
import type { PolicyObject } from '../../../../src/export/policy-object.ts';
import { buildPolicies } from '../../../../src/export/validating-admission-policies.ts';
import { asObject } from '../../../../src/json/json.ts';
import { MAX_EXAMINED_CHARACTERS } from '../../../../src/policy/names.ts';
import { compilePolicy, type Policy, type PolicySettings } from '../../../../src/policy/policy.ts';
import type { Allowlist } from '../../../../src/policy/schema/allowlist.ts';
import { expectValue } from '../../../builders/result.ts';
import type { ControlPlane } from '../../harness/control-plane.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { type AuditEvent, readAuditLog } from './audit-log.ts';
import { ROLE_ANNOTATION } from './manifests.ts';
import type { PodAnswer, PodTrier } from './try-pod.ts';
import { toVerdict, type Verdict } from './verdict.ts';

/** A label that chooses what judges a pod: a group of policies, or the server. No decision depends on it. */
export const JUDGE = 'parity.example.com/judge';
export const SERVER = 'server';

/** Allowlists and settings, for the server and as ValidatingAdmissionPolicies for the pods with a label. */
export type Group = Readonly<{
  label: string;
  allowlists: readonly Allowlist[];
  settings: PolicySettings;
  policy: Policy;
}>;

/** A pod that is to be judged, as it is sent. */
export type JudgedPod = Readonly<{
  name: string;
  namespace: string;
  pod: Readonly<Record<string, unknown>>;
  group: Group;
}>;

export type Judgement = Readonly<{ name: string; server: Verdict; native: Verdict }>;

export function createGroup(
  label: string,
  allowlists: readonly Allowlist[],
  settings: PolicySettings,
): Group {
  return { label, allowlists, settings, policy: compilePolicy(allowlists, settings) };
}

/** Applies the policies of groups; resolves when all are in force. */
export async function applyGroups(
  { client }: ControlPlane,
  { tryPod }: PodTrier,
  groups: readonly Group[],
): Promise<void> {
  for (const object of groups.flatMap(buildGroup)) {
    await client.send('POST', pathOf(object), object);
  }
  for (const { label } of groups) {
    await waitFor(`the policies of ${label}`, async () => {
      const { message } = await tryPod('default', withJudge(REFUSED_BY_ALL, label));
      return message.includes(`-${label}'`);
    });
  }
}

/** Has pods judged by both, the server under the policy that `use` is given. */
export async function judge(
  controlPlane: ControlPlane,
  { tryPod }: PodTrier,
  pods: readonly JudgedPod[],
  use: (policy: Policy) => void,
): Promise<readonly Judgement[]> {
  const asked: { name: string; server: PodAnswer; native: PodAnswer }[] = [];
  for (const { name, namespace, pod, group } of pods) {
    use(group.policy);
    const server = await tryPod(namespace, withJudge(pod, SERVER));
    asked.push({ name, server, native: await tryPod(namespace, withJudge(pod, group.label)) });
  }
  const audit = new Map<string, AuditEvent>(
    readAuditLog({ controlPlane }).map((event) => [event.auditID, event]),
  );
  return asked.map(({ name, server, native }) => ({
    name,
    server: toVerdict(server, audit),
    native: toVerdict(native, audit),
  }));
}

function buildGroup({ label, allowlists, settings }: Group): readonly PolicyObject[] {
  // The policy that refuses comes last, so that all are there once it is.
  return expectValue(buildPolicies(allowlists, settings, []))
    .objects.toReversed()
    .map((object) => forLabel(object, label));
}

/** Policies that inject the default roles of a group into the pods with its label, once all are in force. */
export async function applyDefaults(
  { client }: ControlPlane,
  { tryPod }: PodTrier,
  groups: readonly Group[],
): Promise<void> {
  for (const { label, allowlists, settings } of groups) {
    for (const object of expectValue(buildMutatingPolicies(allowlists, settings, [])).objects) {
      await client.send('POST', pathOf(object), forLabel(object, label));
    }
  }
  for (const { label } of groups) {
    await waitFor(`the default roles of ${label}`, async () => {
      const { role } = await tryPod('default', withJudge(PROBE, label));
      return role !== undefined;
    });
  }
}

/** An allowlist of a group whose default role shows that its policies are in force. */
export const PROBE_ALLOWLIST: Allowlist = {
  name: 'z-probe',
  spec: {
    ...{ namespaces: ['default'], roles: ['probe'], defaultRole: 'probe' },
    ...{ injectInto: 'AllPods', violationAction: 'Deny' },
  },
};

const PROBE = { metadata: { name: 'probe' }, spec: { containers: [{ name: 'probe', image: 'probe' }] } };

/** A policy or binding under a name of its own, for the pods with a label. */
function forLabel(object: PolicyObject, label: string): PolicyObject {
  const metadata = { ...object.metadata, name: `${object.metadata.name}-${label}` };
  const matchResources = { objectSelector: { matchLabels: { [JUDGE]: label } } };
  return object.kind.endsWith('Binding')
    ? { ...object, metadata, spec: { ...object.spec, policyName: metadata.name, matchResources } }
    : { ...object, metadata };
}

function pathOf({ kind }: PolicyObject): string {
  const plural = kind.toLowerCase().replace(/y$/, 'ie');
  return `/apis/admissionregistration.k8s.io/v1/${plural}s`;
}

/** A pod that policies refuse whatever their lists, settings and actions. */
const REFUSED_BY_ALL = {
  ...PROBE,
  metadata: { name: 'probe', annotations: { [ROLE_ANNOTATION]: 'r'.repeat(MAX_EXAMINED_CHARACTERS + 1) } },
};

export function withJudge(pod: Readonly<Record<string, unknown>>, judge: string): object {
  const metadata = asObject(pod['metadata']);
  return { ...pod, metadata: { ...metadata, labels: { ...asObject(metadata['labels']), [JUDGE]: judge } } };
}

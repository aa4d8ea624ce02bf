// The same allowlists as admission policies and by way of the server, on the same API server: both say the same of roles and
// inject the same ones, for every pod of the cases that it accepts and for random ones.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Phase } from '../../../src/admission/decision.ts';
import { parsePod } from '../../../src/admission/pod.ts';
import { createPodsRoute } from '../../../src/admission/pods/route.ts';
import { asObject } from '../../../src/json/json.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import * as arbitraries from '../../builders/arbitraries.ts';
import { podCasePaths, readPodCase } from '../../builders/pod-case.ts';
import { propertyRuns } from '../../builders/property-runs.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import {
  applyDefaults,
  applyGroups,
  createGroup,
  type Group,
  JUDGE,
  type JudgedPod,
  type Judgement,
  judge,
  PROBE_ALLOWLIST,
  SERVER,
  withJudge,
} from './support/judges.ts';
import { namespace, ROLE_ANNOTATION } from './support/manifests.ts';
import { startPodServer } from './support/pod-server.ts';
import { createPodTrier, type PodTrier } from './support/try-pod.ts';

/** So many of the cases took part when this was written. */
const FEWEST_CASES = 242;

const RANDOM_GROUPS = 40;
const PODS_OF_A_GROUP = 12;
/** Fewer than any seed gives. */
const FEWEST_RANDOM = { refused: 50, warned: 10, audited: 1, admitted: 10 };

/** The labels of the namespaces of random pods; the cases have none. */
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  a: { team: 'a' },
  ab: { team: 'b' },
  b: {},
  c: { 'virtual-node-affinity-injection': 'enabled' },
};

const INJECTING_SERVER = 'injecting-server';

const START = Date.now();
/** No list comes nearer to its expiry than this while the test looks on. */
const MARGIN_MS = 3_600_000;

suite('allowlists as admission policies and the server', () => {
  let controlPlane: ControlPlane;
  let trier: PodTrier;
  let policy: Policy;
  let stopServer: () => Promise<void>;

  before(async () => {
    controlPlane = await startControlPlane();
    trier = createPodTrier(controlPlane);
    stopServer = await startPodServer(
      controlPlane,
      { mutated: { [JUDGE]: INJECTING_SERVER }, validated: { [JUDGE]: SERVER } },
      () => policy,
      (namespace) => new Map(Object.entries(LABELS[namespace] ?? {})),
    );
  });

  after(async () => {
    trier?.close();
    await stopServer?.();
    await controlPlane?.stop();
  });

  async function judgeAll(pods: readonly JudgedPod[]): Promise<readonly Judgement[]> {
    await applyGroups(controlPlane, trier, [...new Set(pods.map(({ group }) => group))]);
    return judge(controlPlane, trier, pods, (next) => {
      policy = next;
    });
  }

  test('agree on every pod of the cases that the API server accepts', async (t) => {
    const cases = podsOfCases('validate');
    await createNamespaces(controlPlane, cases);
    const answers = await Promise.all(cases.map(({ namespace, pod }) => trier.tryPod(namespace, pod)));
    const accepted = cases.filter((_, index) => answers[index]?.accepted);
    const refused = cases.filter((_, index) => !answers[index]?.accepted);
    t.diagnostic(
      `${refused.length} pods that it does not accept: ${refused.map(({ name }) => name).join(', ')}`,
    );
    assert.ok(accepted.length >= FEWEST_CASES, `${accepted.length} pods take part`);

    assertAgreement(
      await judgeAll(accepted),
      { refused: 100, warned: 8, audited: 6, admitted: 100 },
      t.diagnostic.bind(t),
    );
  });

  test('agree on random pods under random allowlists and settings', async (t) => {
    const pods = generatePods();
    await createNamespaces(controlPlane, pods);

    assertAgreement(await judgeAll(pods), FEWEST_RANDOM, t.diagnostic.bind(t));
  });

  test('inject the same default roles', async (t) => {
    const pods = [...podsOfCases('mutate'), ...generatePodsWithoutRole()]
      .filter(({ pod, group }) => namesNoRole(pod) && !group.policy.isProtectedRole('probe'))
      .map(withProbe);
    await createNamespaces(controlPlane, pods);
    await applyDefaults(controlPlane, trier, [...new Set(pods.map(({ group }) => group))]);

    const injected: (string | undefined)[] = [];
    for (const { name, namespace, pod, group } of pods) {
      policy = group.policy;
      const server = await trier.tryPod(namespace, withJudge(pod, INJECTING_SERVER));
      const native = await trier.tryPod(namespace, withJudge(pod, group.label));
      assert.deepEqual([native.accepted, native.role], [server.accepted, server.role], name);
      if (server.accepted) {
        injected.push(server.role);
      }
    }
    const roles = injected.filter((role) => role !== undefined);
    t.diagnostic(`${pods.length} pods, ${injected.length} accepted, ${roles.length} with a role`);
    assert.ok(roles.length >= 60 && injected.length - roles.length >= 60);
  });
});

function namesNoRole(pod: JudgedPod['pod']): boolean {
  const parsed = parsePod(pod);
  return parsed.ok && parsed.value.requestedRole === undefined;
}

/** In each group the probe is an allowlist like the others; nothing about expiry can be the same. */
const withProbe = (() => {
  const probed = new Map<Group, Group>();
  return (judged: JudgedPod): JudgedPod => {
    const { label, allowlists, settings } = judged.group;
    const group =
      probed.get(judged.group) ??
      createGroup(
        `defaults-${label}`,
        [
          ...allowlists.map(({ name, spec: { expiresAt: _, reason: __, ...spec } }) => ({ name, spec })),
          PROBE_ALLOWLIST,
        ],
        settings,
      );
    probed.set(judged.group, group);
    return { ...judged, group };
  };
})();

function assertAgreement(
  judgements: readonly Judgement[],
  fewest: Readonly<Record<string, number>>,
  tell: (text: string) => void,
): void {
  assert.deepEqual(
    judgements.filter(({ server, native }) => !isDeepStrictEqual(server, native)),
    [],
  );
  const counts = Map.groupBy(judgements, ({ native }) => native.verdict);
  for (const [verdict, least] of Object.entries(fewest)) {
    const count = judgements.filter(({ native }) => native.verdict === verdict).length;
    tell(`${count} pods ${verdict} by both`);
    assert.ok(count >= least, `${count} pods ${verdict}, expected at least ${least}`);
  }
  assert.equal(counts.size, Object.keys(fewest).length);
}

function podsOfCases(phase: Phase): readonly JudgedPod[] {
  const groups = new Map<string, Group>();
  return podCasePaths.flatMap((path) => {
    const { request, allowlists, settings, now } = readPodCase(path);
    if (createPodsRoute(phase).parse(request) === undefined) {
      return [];
    }
    const shifted = allowlists.map((allowlist) => shiftExpiry(allowlist, now));
    const key = JSON.stringify([shifted, settings]);
    const group = groups.get(key) ?? createGroup(`cases-${groups.size}`, shifted, settings);
    groups.set(key, group);
    return [{ name: path, namespace: request.namespace, pod: asObject(request.object), group }];
  });
}

function generatePods(): readonly JudgedPod[] {
  const { role, serviceAccount } = arbitraries;
  return generateGroups(
    fc.record({
      metadata: role.map((role) => ({ name: 'random', annotations: { [ROLE_ANNOTATION]: role } })),
      spec: serviceAccount.map((serviceAccountName) => ({ serviceAccountName, ...CONTAINERS })),
    }),
  );
}

const CONTAINERS = { containers: [{ name: 'random', image: 'random' }] };

/** Pods with each of the markers of ECI pods, or nearly so. */
function generatePodsWithoutRole(): readonly JudgedPod[] {
  const term = fc.record({
    key: fc.constantFrom('type', 'k8s.aliyun.com/vnode'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.constantFrom(['virtual-kubelet'], ['true', 'virtual-kubelet'], ['other']),
  });
  const label = fc.constantFrom('true', 'false');
  const marker = fc.oneof(
    fc.constant({}),
    fc.record({ labels: fc.record({ 'alibabacloud.com/eci': label }) }),
    fc.record({ labels: fc.record({ eci: label }) }),
    fc.record({
      annotations: fc.constantFrom(
        {},
        { 'alibabacloud.com/burst-resource': 'eci' },
        { 'alibabacloud.com/burst-resource': 'other' },
        { 'k8s.aliyun.com/eci-use-specs': '' },
        { 'k8s.aliyun.com/eci': 'true' },
        { [ROLE_ANNOTATION]: '' },
      ),
    }),
    fc.record({
      nodeName: fc.constantFrom('virtual-kubelet-1', 'virtual-node-eci-0', 'a.vnd-1', 'vnd-1', 'node'),
    }),
    fc.record({ nodeSelector: fc.record({ type: fc.constantFrom('virtual-kubelet', 'other') }) }),
    fc.record({ nodeSelector: fc.record({ 'k8s.aliyun.com/vnode': label }) }),
    fc.record({
      tolerations: fc.tuple(
        fc.record({
          key: fc.constantFrom('virtual-kubelet.io/provider', 'k8s.aliyun.com/vnode', 'other'),
          operator: fc.constant('Exists'),
        }),
      ),
    }),
    fc.record({
      affinity: fc.array(term, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
        },
      })),
    }),
  );
  return generateGroups(
    fc.tuple(marker, arbitraries.serviceAccount).map(([marker, serviceAccountName]) => {
      const { labels, annotations, ...spec } = asObject(marker);
      return {
        metadata: { name: 'random', labels, annotations },
        spec: { serviceAccountName, ...spec, ...CONTAINERS },
      };
    }),
  );
}

function generateGroups(pod: fc.Arbitrary<JudgedPod['pod']>): readonly JudgedPod[] {
  const somePod = fc.record({ namespace: fc.constantFrom(...Object.keys(LABELS)), pod });
  const somePods = fc.array(somePod, { minLength: PODS_OF_A_GROUP, maxLength: PODS_OF_A_GROUP });
  const samples = fc.sample(
    fc.tuple(arbitraries.allowlists, arbitraries.settings, somePods),
    propertyRuns(RANDOM_GROUPS),
  );
  return samples.flatMap(([allowlists, settings, pods], index) => {
    const shifted = allowlists.map((allowlist) => shiftExpiry(allowlist, arbitraries.NOW));
    const group = createGroup(`random-${index}`, shifted, settings);
    return pods.map(({ namespace, pod }) => ({
      name: JSON.stringify({ allowlists, settings, namespace, pod }),
      ...{ namespace, group, pod },
    }));
  });
}

/** As far from now as it was from the time of the case, but never so near that it passes meanwhile. */
function shiftExpiry({ name, spec }: Allowlist, caseNow: number): Allowlist {
  if (spec.expiresAt === undefined) {
    return { name, spec };
  }
  const left = Date.parse(spec.expiresAt) - caseNow;
  const shiftedLeft = left > 0 ? Math.max(left, MARGIN_MS) : Math.min(left, -MARGIN_MS);
  const expiresAt = new Date(START + shiftedLeft).toISOString().replace(/\.\d+/, '');
  return { name, spec: { ...spec, expiresAt } };
}

/** Namespaces as the pods have them, as far as there can be such, with the ServiceAccounts that they name. */
async function createNamespaces({ client }: ControlPlane, pods: readonly JudgedPod[]): Promise<void> {
  const create = (path: string, object: object) => client.send('POST', path, object).catch(() => undefined);
  for (const name of new Set(['default', ...pods.map(({ namespace }) => namespace)])) {
    await create('/api/v1/namespaces', namespace(name, LABELS[name]));
    const accounts = pods.flatMap((judged) =>
      judged.namespace === name ? [asObject(judged.pod['spec'])['serviceAccountName'] ?? 'default'] : [],
    );
    for (const account of new Set(['default', ...accounts])) {
      const path = `/api/v1/namespaces/${encodeURIComponent(name)}/serviceaccounts`;
      await create(path, { metadata: { name: account } });
    }
  }
}

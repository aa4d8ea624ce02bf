// The same allowlists as ValidatingAdmissionPolicies and by way of /validate-pods, on the same API server: both say the same, of
// every pod of the cases that it accepts and of random ones.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { createPodsRoute } from '../../../src/admission/pods/route.ts';
import { asObject } from '../../../src/json/json.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import * as arbitraries from '../../builders/arbitraries.ts';
import { podCasePaths, readPodCase } from '../../builders/pod-case.ts';
import { propertyRuns } from '../../builders/property-runs.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import {
  applyGroups,
  createGroup,
  type Group,
  JUDGE,
  type JudgedPod,
  type Judgement,
  judge,
  SERVER,
} from './support/judges.ts';
import { namespace, ROLE_ANNOTATION } from './support/manifests.ts';
import { createPodTrier, type PodTrier } from './support/try-pod.ts';
import { startValidateServer } from './support/validate-server.ts';

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
  c: {},
};

const START = Date.now();
/** No list comes nearer to its expiry than this while the test looks on. */
const MARGIN_MS = 3_600_000;

suite('allowlists as ValidatingAdmissionPolicies and /validate-pods', () => {
  let controlPlane: ControlPlane;
  let trier: PodTrier;
  let policy: Policy;
  let stopServer: () => Promise<void>;

  before(async () => {
    controlPlane = await startControlPlane();
    trier = createPodTrier(controlPlane);
    stopServer = await startValidateServer(
      controlPlane,
      { [JUDGE]: SERVER },
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
    const cases = readCases();
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
});

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

function readCases(): readonly JudgedPod[] {
  const groups = new Map<string, Group>();
  return podCasePaths.flatMap((path) => {
    const { request, allowlists, settings, now } = readPodCase(path);
    if (createPodsRoute('validate').parse(request) === undefined) {
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
  const { allowlists, settings, role, serviceAccount } = arbitraries;
  const somePod = fc.record({ namespace: fc.constantFrom(...Object.keys(LABELS)), role, serviceAccount });
  const somePods = fc.array(somePod, { minLength: PODS_OF_A_GROUP, maxLength: PODS_OF_A_GROUP });
  const samples = fc.sample(fc.tuple(allowlists, settings, somePods), propertyRuns(RANDOM_GROUPS));
  return samples.flatMap(([allowlists, settings, pods], index) => {
    const shifted = allowlists.map((allowlist) => shiftExpiry(allowlist, arbitraries.NOW));
    const group = createGroup(`random-${index}`, shifted, settings);
    return pods.map(({ namespace, role, serviceAccount }) => ({
      name: JSON.stringify({ allowlists, settings, namespace, role, serviceAccount }),
      namespace,
      group,
      pod: {
        metadata: { name: 'random', annotations: { [ROLE_ANNOTATION]: role } },
        spec: { serviceAccountName: serviceAccount, containers: [{ name: 'random', image: 'random' }] },
      },
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

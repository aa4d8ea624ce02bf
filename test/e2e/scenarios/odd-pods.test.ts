// Values that no RAM role has, and pods at the edge of what the API server lets through. None of them gets a role that it
// may not have, and no message is longer or stranger than a terminal bears.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Pod } from '../harness/kubernetes-objects.ts';
import { messageOf, PermanentError, waitFor } from '../harness/wait-for.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { roleOf } from './support/pods.ts';
import { listReplicas } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';

const NAMESPACE = 'open';
const SECRET = 'correct-horse-battery-staple';
const MAX_DENIAL_CHARACTERS = 700;
const MAX_LOG_LINE_CHARACTERS = 1_000;
/** All annotations of an object, keys and values. */
const MAX_ANNOTATION_BYTES = 262_144;

const INVALID = ' is not a RAM role name: ';
const ONLY_LETTERS = `${INVALID}use only letters, digits, `;
const WITHOUT_WHITESPACE = `${INVALID}remove the whitespace around "reader". `;
const PROTECTED = ': no allowlist can allow a protected role. ';

/** What is refused although the namespace's list allows every role, and would only audit another. */
const REFUSED: readonly Readonly<{ what: string; role: string; why: string }>[] = [
  {
    what: '65 characters',
    role: 'r'.repeat(65),
    why: `${INVALID}a role name has at most 64 characters, this one has 65. `,
  },
  { what: '200,000 characters', role: 'r'.repeat(200_000), why: 'this one has more than 1024. ' },
  { what: 'Cyrillic letters that look like Latin ones', role: 'r\u0435ader', why: ONLY_LETTERS },
  { what: 'Chinese characters', role: '\u89d2\u8272', why: ONLY_LETTERS },
  { what: 'an emoji', role: 'reader\u{1F600}', why: ONLY_LETTERS },
  { what: 'a lone surrogate', role: 'reader\uD83D', why: ONLY_LETTERS },
  { what: 'a zero-width space', role: 'rea\u200Bder', why: ONLY_LETTERS },
  { what: 'a right-to-left override', role: '\u202Eredaer', why: ONLY_LETTERS },
  { what: 'a NUL', role: 'rea\u0000der', why: ONLY_LETTERS },
  { what: 'spaces around it', role: ' reader ', why: WITHOUT_WHITESPACE },
  {
    what: 'a line feed behind it',
    role: 'reader\n',
    why: WITHOUT_WHITESPACE,
  },
  { what: 'several lines', role: 'reader\nallowed: true', why: ONLY_LETTERS },
  {
    what: 'nothing but a space',
    role: ' ',
    why: `${INVALID}name a role, or remove the annotation. `,
  },
  {
    what: 'an ARN',
    role: 'acs:ram::1234:role/reader',
    why: `${INVALID}use the role name "reader", not the ARN. `,
  },
  { what: 'a placeholder', role: '$'.concat('{ROLE}'), why: `${INVALID}replace the placeholder. ` },
  { what: 'a pattern', role: '*', why: ONLY_LETTERS },
  { what: 'two roles', role: 'reader,writer', why: ONLY_LETTERS },
  { what: 'a path', role: '../reader', why: ONLY_LETTERS },
  { what: 'a protected role', role: 'KubernetesMasterRole-1234', why: PROTECTED },
  { what: 'a protected role in small letters', role: 'kubernetesworkerrole-1234', why: PROTECTED },
  {
    what: 'a protected role with a zero-width space',
    role: 'Kubernetes\u200BMasterRole-1234',
    why: PROTECTED,
  },
  { what: 'a protected role with a soft hyphen', role: 'KubernetesMaster\u00ADRole-1234', why: PROTECTED },
  { what: 'a protected role with spaces', role: '\tKubernetes WorkerRole-1234 ', why: PROTECTED },
  { what: 'a protected role with a long s', role: 'Kubernete\u017FMasterRole-1234', why: PROTECTED },
];

suite('odd pods', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      namespace(NAMESPACE),
      namespace('closed'),
      allowlist('open', {
        ...{ namespaces: [NAMESPACE], roles: ['*'], defaultRole: 'reader', violationAction: 'Audit' },
        contact: '#platform',
      }),
      allowlist('closed', { namespaces: ['closed'], roles: ['reader'], defaultRole: 'reader' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  type Change = Readonly<{ namespace?: string; annotations?: object | null; container?: object }>;

  function oddPod(name: string, role: string | undefined, change: Change = {}): object {
    const { metadata, spec } = podTemplate(role);
    const { namespace: namespaceName = NAMESPACE, annotations = {}, container } = change;
    const merged = annotations && { ...metadata.annotations, ...annotations };
    return {
      ...{ apiVersion: 'v1', kind: 'Pod' },
      metadata: { ...metadata, name, namespace: namespaceName, annotations: merged },
      spec: {
        // Each change of a pod goes to everybody who watches pods, and some of these have megabytes.
        schedulerName: 'nobody',
        containers: spec.containers.map((one) => ({
          ...{ ...one, ...container },
          env: [{ name: 'PASSWORD', value: SECRET }],
        })),
      },
    };
  }

  /** Not `apply`, which keeps the object in an annotation. */
  const create = (object: object) => attempt(cluster, ['create', '-f', '-'], [object]);

  for (const [index, { what, role, why }] of REFUSED.entries()) {
    test(`${what}: refused`, async () => {
      const { succeeded, error } = await create(oddPod(`odd-${index}`, role));
      assert.equal(succeeded, false);
      assert.ok(error.includes(why), error);
      assert.ok(error.endsWith('. Contact: #platform'), error);
      assert.ok(error.length < MAX_DENIAL_CHARACTERS, `${error.length} characters`);
      assert.doesNotMatch(error, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    });
  }

  test('64 characters are a role', async () => {
    assert.equal((await create(oddPod('longest', 'r'.repeat(64)))).error, '');
    assert.equal(await roleOf(cluster, NAMESPACE, 'longest'), 'r'.repeat(64));
  });

  const noRoles: Readonly<Record<string, Change & { role?: string }>> = {
    'an empty role': { role: '' },
    'a null role': { annotations: { [ROLE_ANNOTATION]: null } },
    'null annotations': { annotations: null },
    'annotations named like what every object has': {
      annotations: { constructor: 'x', hasOwnProperty: 'x', toString: 'x' },
    },
  };

  for (const [index, [what, { role, ...change }]] of Object.entries(noRoles).entries()) {
    test(`${what}: the default`, async () => {
      assert.equal((await create(oddPod(`none-${index}`, role, change))).error, '');
      assert.equal(await roleOf(cluster, NAMESPACE, `none-${index}`), 'reader');
    });
  }

  /** As many bytes of annotations as the API server takes, beside the role. */
  const full = { 'example.com/notes': 'n'.repeat(MAX_ANNOTATION_BYTES - 'example.com/notes'.length - 100) };

  test('annotations up to the limit are decided like any others', async () => {
    const change = { namespace: 'closed', annotations: full };
    assert.equal((await create(oddPod('full-allowed', 'reader', change))).error, '');
    assert.match(
      (await create(oddPod('full-refused', 'admin', change))).error,
      /RAM role "admin" is not allowed/,
    );
    assert.equal((await create(oddPod('full-without', undefined, change))).error, '');
    assert.equal(await roleOf(cluster, 'closed', 'full-without'), 'reader');
  });

  test('what the API server escapes to six times its size is decided too', async () => {
    // kubectl would escape it too, beyond what the API server takes.
    const path = '/api/v1/namespaces/closed/pods?dryRun=All';
    const { client } = cluster.controlPlane;
    const change = { namespace: 'closed', container: { args: ['<&>'.repeat(300_000)] } };
    /** In dry runs: a busy machine answers later than the API server waits for, and what a try leaves slows the next. */
    const untilDecided = (role: string | undefined, expected: RegExp) =>
      waitFor(
        `${role} to be decided`,
        async () => {
          const outcome = await client
            .send<Pod>('POST', path, oddPod('escaped', role, change))
            .then(({ metadata }) => metadata.annotations?.[ROLE_ANNOTATION], messageOf);
          if (outcome === 'admin') {
            throw new PermanentError('a pod was admitted with the role "admin"');
          }
          return expected.test(outcome ?? '');
        },
        { timeoutMs: 120_000 },
      );
    await untilDecided('reader', /^reader$/);
    await untilDecided(undefined, /^reader$/);
    await untilDecided('admin', /RAM role "admin" is not allowed/);
  });

  test('a pod of more values than we read is never given a role it names, and starts without one', async () => {
    const change = { namespace: 'closed', container: { args: Array.from({ length: 300_000 }, () => '') } };
    const { succeeded, error } = await create(oddPod('wide-named', 'reader', change));
    assert.equal(succeeded, false);
    assert.match(error, /failed calling webhook "validate-pods\.eci-ram-role\.io"/);
    assert.equal((await create(oddPod('wide-without', undefined, change))).error, '');
    assert.equal(await roleOf(cluster, 'closed', 'wide-without'), undefined);
  });

  test('nothing of a pod but its names is in the log, and no line is long', async () => {
    const lines = (await listReplicas(cluster)).flatMap(({ log }) => log());
    assert.ok(lines.length > REFUSED.length);
    assert.deepEqual(
      lines.filter((line) => line.includes(SECRET)),
      [],
    );
    assert.deepEqual(
      lines.filter((line) => line.length > MAX_LOG_LINE_CHARACTERS),
      [],
    );
    assert.deepEqual(
      lines.filter((line) => /"level":"(?:error|fatal)"/.test(line)),
      [],
    );
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstallationCheck } from '../../../src/installation/check.ts';
import type { CheckedObject } from '../../../src/installation/checked-object.ts';
import { ApiError, type ApiRequest } from '../../../src/kubernetes/client.ts';
import { createLoggerTo } from '../../../src/observability/logger.ts';
import type { Cleanup } from '../../support/cleanup.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const VALIDATING = `${GROUP}/validatingwebhookconfigurations/webhook`;
const BINDING = `${GROUP}/validatingadmissionpolicybindings/webhook-creation-lock`;
const SECRET = '/api/v1/namespaces/system/secrets/webhook-tls';
const OBJECTS = [
  {
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'webhook' },
    webhooks: [{ name: 'pods', failurePolicy: 'Fail' }],
  },
  {
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'webhook-creation-lock' },
    spec: { validationActions: ['Deny'] },
  },
  { kind: 'Secret', metadata: { name: 'webhook-tls', namespace: 'system' }, immutable: null },
];
const DENIED = new ApiError(422, "ValidatingAdmissionPolicy 'webhook-ca-bundle-only' denied request");

type Answers = Record<string, object | Error>;

function start(t: Cleanup, changes: Answers = {}, text = JSON.stringify(OBJECTS)) {
  const [configuration = {}, binding = {}, secret = {}] = OBJECTS;
  const answers: Answers = {
    ...{ [VALIDATING]: configuration, [BINDING]: binding, [SECRET]: secret },
    [`PATCH ${VALIDATING}`]: DENIED,
    ...changes,
  };
  const file = join(temporaryDirectory(t), 'objects.json');
  writeFileSync(file, text);
  const requests: ApiRequest[] = [];
  const lines: string[] = [];
  let objects: readonly CheckedObject[] = [];
  let confinements: readonly boolean[] = [];
  let checks = 0;
  const check = startInstallationCheck({
    file,
    client: {
      call: async (request) => {
        requests.push(request);
        const answer = answers[request.method === 'PATCH' ? `PATCH ${request.path}` : request.path];
        if (answer === undefined || answer instanceof Error) {
          throw answer ?? new ApiError(404, 'not found');
        }
        return answer;
      },
    },
    observer: {
      recordObjects: (checked) => {
        objects = checked;
        checks += 1;
      },
      recordConfinement: (isConfined) => {
        confinements = [...confinements, isConfined];
      },
    },
    logger: createLoggerTo({ write: (line) => lines.push(line) }, 'info'),
    intervalMs: 20,
  });
  t.after(check.close);
  return {
    ...check,
    file,
    answers,
    requests,
    lines: () =>
      lines.map((line) => JSON.parse(line)).map(({ level, msg, problem }) => [level, msg, problem]),
    states: () => objects.map(({ kind, state }) => `${kind} ${state}`),
    confinements: () => confinements,
    untilChecked: async (times = 2) => {
      const before = checks;
      await until('checks', () => checks >= before + times);
    },
  };
}

suite('the check of the installation', { concurrency: true }, () => {
  test('has nothing to report while all is as the chart rendered it', async (t) => {
    const { notes, lines, states, confinements, untilChecked } = start(t);
    await untilChecked(3);
    assert.deepEqual([notes(), lines()], [[], []]);
    assert.deepEqual(states(), [
      'ValidatingWebhookConfiguration ok',
      'ValidatingAdmissionPolicyBinding ok',
      'Secret ok',
    ]);
    assert.deepEqual(confinements(), [true]);
  });

  const FAULTS: readonly Readonly<{
    title: string;
    path: string;
    answer: object;
    state: string;
    problem: RegExp;
  }>[] = [
    {
      title: 'a missing binding',
      path: BINDING,
      answer: new ApiError(404, 'not found'),
      state: 'ValidatingAdmissionPolicyBinding missing',
      problem: /^ValidatingAdmissionPolicyBinding webhook-creation-lock does not exist: run "helm upgrade"/,
    },
    {
      title: 'a changed registration',
      path: VALIDATING,
      answer: { webhooks: [{ name: 'pods', failurePolicy: 'Ignore' }] },
      state: 'ValidatingWebhookConfiguration changed',
      problem: /differs from what the chart rendered: webhooks\[pods\]\.failurePolicy$/,
    },
    {
      title: 'an immutable Secret',
      path: SECRET,
      answer: { immutable: true },
      state: 'Secret changed',
      problem: /^Secret webhook-tls differs from what the chart rendered: immutable$/,
    },
    {
      title: 'an object that it may not read',
      path: BINDING,
      answer: new ApiError(403, 'User "secret" cannot get it'),
      state: 'ValidatingAdmissionPolicyBinding unreadable',
      problem: /^ValidatingAdmissionPolicyBinding webhook-creation-lock cannot be read: run "helm upgrade"/,
    },
  ];
  for (const { title, path, answer, state, problem } of FAULTS) {
    test(`reports ${title}, and its end`, async (t) => {
      const { notes, lines, states, untilChecked, answers } = start(t);
      await untilChecked(1);
      const good = answers[path] ?? {};
      answers[path] = answer;
      await untilChecked(3);
      assert.match(notes().join('\n'), problem);
      assert.ok(states().includes(state), states().join());
      answers[path] = good;
      await untilChecked(2);
      assert.deepEqual(notes(), []);
      const [warning, end, ...others] = lines();
      assert.deepEqual(warning?.slice(0, 2), ['warn', 'installation differs from the chart']);
      assert.match(warning?.[2], problem);
      assert.deepEqual(end?.slice(0, 2), ['info', 'installation problem is over']);
      assert.deepEqual(others, []);
    });
  }

  test('keeps the last state while the API server gives no answer', async (t) => {
    const { states, notes, untilChecked, answers } = start(t, { [BINDING]: new ApiError(404, 'not found') });
    await untilChecked(1);
    const before = [states(), notes()];
    answers[BINDING] = new Error('connect ECONNREFUSED');
    answers[VALIDATING] = new ApiError(500, 'etcd');
    await untilChecked(2);
    assert.deepEqual([states(), notes()], before);
  });

  test('reports that its identity is not confined, until it is', async (t) => {
    const { notes, lines, confinements, untilChecked, answers, requests } = start(t, {
      [`PATCH ${VALIDATING}`]: {},
    });
    await untilChecked(3);
    assert.match(notes().join(), /^the server's identity may change its own registration: /);
    assert.equal(lines().length, 1);
    const { query, body } = requests.find(({ method }) => method === 'PATCH') ?? {};
    assert.deepEqual(query, { dryRun: 'All' });
    assert.deepEqual(body, [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]);
    answers[`PATCH ${VALIDATING}`] = DENIED;
    await untilChecked(2);
    assert.deepEqual(notes(), []);
    const patches = requests.filter(({ method }) => method === 'PATCH').length;
    await untilChecked(2);
    assert.equal(requests.filter(({ method }) => method === 'PATCH').length, patches);
    assert.deepEqual(confinements().at(-1), true);
  });

  for (const { answer, isConfined } of [
    { answer: new ApiError(403, 'cannot patch resource'), isConfined: true },
    { answer: new ApiError(422, 'the path does not exist'), isConfined: undefined },
    { answer: new ApiError(500, 'etcd'), isConfined: undefined },
  ]) {
    test(`takes ${answer.status} ${answer.message} for ${isConfined ?? 'no'} proof`, async (t) => {
      const { requests, untilChecked } = start(t, { [`PATCH ${VALIDATING}`]: answer });
      await untilChecked(3);
      const patches = requests.filter(({ method }) => method === 'PATCH').length;
      assert.equal(patches === 1, isConfined === true);
    });
  }

  test('notes additions of others, without a log line', async (t) => {
    const { notes, lines, states, untilChecked } = start(t, {
      [VALIDATING]: { webhooks: [{ name: 'pods', failurePolicy: 'Fail' }, { name: 'other' }] },
    });
    await untilChecked(3);
    assert.deepEqual(notes(), [
      'ValidatingWebhookConfiguration webhook has additions of others: webhooks[other]',
    ]);
    assert.deepEqual([lines(), states()[0]], [[], 'ValidatingWebhookConfiguration ok']);
  });

  test('reads the file again, and reports one that it cannot read', async (t) => {
    const { notes, states, file, untilChecked } = start(t);
    await untilChecked(1);
    writeFileSync(file, 'nonsense');
    await until('a note', () => notes().some((note) => note.startsWith('--installation-file: expected')));
    writeFileSync(file, JSON.stringify(OBJECTS.slice(1)));
    await untilChecked(1);
    assert.deepEqual(states(), ['ValidatingAdmissionPolicyBinding ok', 'Secret ok']);
    assert.deepEqual(notes(), []);
  });

  test('ends when it is closed', async (t) => {
    const { close, requests, untilChecked } = start(t);
    await untilChecked(1);
    close();
    await sleep(60);
    const { length } = requests;
    await sleep(60);
    assert.equal(requests.length, length);
  });
});

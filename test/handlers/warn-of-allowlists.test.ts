import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionDeps } from '../../src/admission/route.ts';
import { warnOfAllowlists } from '../../src/handlers/warn-of-allowlists.ts';
import type { Labels } from '../../src/policy/label-selector.ts';
import { success } from '../../src/text/problem.ts';
import { allowlistObject, allowlistRequest } from '../builders/allowlist-review.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';
import { call } from '../support/call.ts';
import { suiteCleanup } from '../support/cleanup.ts';
import { startTestWebhook } from '../support/start-webhook.ts';

const SETTINGS = { excludedNamespaces: ['kube-system'], unmutatedNamespaces: [] };

/** As the cluster source has it: what becomes known in time is known to all that is asked afterwards. */
function gatheringOf(known: Map<string, Labels>, news: Readonly<Record<string, number>> = {}): AdmissionDeps {
  const policy = policyOf([]);
  for (const [name, ms] of Object.entries(news)) {
    setTimeout(() => known.set(name, new Map()), ms);
  }
  return {
    getPolicy: () => policy,
    now: Date.now,
    getNamespaceLabels: async (name) => {
      await new Promise((resolve) => setTimeout(resolve, news[name] === undefined ? 300 : news[name] + 5));
      return known.get(name);
    },
    getPodRole: async () => success(undefined),
    getNamespaces: () => known,
  };
}

async function warningsFor(gathering: AdmissionDeps, spec: Readonly<Record<string, unknown>>) {
  const { warnings } = await warnOfAllowlists(
    gathering,
    SETTINGS,
  )(allowlistRequest({ object: allowlistObject(spec) }));
  return warnings;
}

test('waits for the news of a namespace that was created just before', async () => {
  const known = new Map<string, Labels>();
  assert.deepEqual(await warningsFor(gatheringOf(known, { payments: 50 }), { namespaces: ['payments'] }), []);
});

test('waits for the news of a namespace that a glob matches', async () => {
  const known = new Map<string, Labels>();
  const warnings = await warningsFor(gatheringOf(known, { 'payments-eu': 50 }), {
    namespaces: ['payments-*'],
  });
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /^spec\.namespaces\[0\] "payments-\*": whoever may create namespaces can create one/,
  );
});

test('says which namespaces are not there in the end', async () => {
  const warnings = await warningsFor(gatheringOf(new Map()), { namespaces: ['payments', 'x-*'] });
  assert.deepEqual(
    warnings.map((warning) => warning.split(':')[0]),
    ['spec.namespaces[0] "payments"', 'spec.namespaces[1] "x-*"'],
  );
});

test('says nothing of what holds in excluded namespaces', async () => {
  const known = new Map<string, Labels>([['kube-system', new Map()]]);
  const spec = { namespaces: ['*'], roles: [], violationAction: 'Warn' };
  assert.deepEqual(await warningsFor(gatheringOf(known), spec), []);
});

test('waits for nothing that the list named before', async () => {
  const startedAt = performance.now();
  const { warnings } = await warnOfAllowlists(
    gatheringOf(new Map()),
    SETTINGS,
  )(
    allowlistRequest({
      operation: 'UPDATE',
      object: allowlistObject({ namespaces: ['payments', 'x-*'], roles: ['writer'] }),
      oldObject: allowlistObject({ namespaces: ['payments', 'x-*'] }),
    }),
  );
  assert.equal(warnings.length, 2);
  assert.ok(performance.now() - startedAt < 140);
});

test('answers within the time the API server waits, however many lists and namespaces there are', async () => {
  const globs = Array.from({ length: 5_000 }, (_, index) =>
    allowlistOf(`glob-${index}`, { namespaces: [`x-${index}-*`] }),
  );
  const policy = policyOf(globs);
  const known = new Map(
    Array.from({ length: 10_000 }, (_, index) => [`team-${index}`, new Map<string, string>()] as const),
  );
  const gathering = { ...gatheringOf(known), getPolicy: () => policy };
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const startedAt = performance.now();
  const warnings = await warningsFor(gathering, { namespaces: ['*'], violationAction: 'Warn' });
  const tookMs = performance.now() - startedAt;
  clearInterval(others);
  assert.ok(tookMs < 900, `${tookMs} ms`);
  assert.ok(turns > 3, `${turns} turns in ${tookMs} ms, ${warnings.at(-1)}`);
  assert.match(warnings.at(-1) ?? '', /^\d+ namespaces were left out for want of time/);
});

test('is decided by the server with lists in files, as far as files tell', async (t) => {
  const webhook = await startTestWebhook(suiteCleanup());
  const review = (request: Readonly<Record<string, unknown>>) =>
    call(webhook, {
      path: '/validate-allowlists?timeout=1s',
      body: JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: {
          uid: 'uid-1',
          resource: { group: 'eci-ram-role.io', version: 'v1alpha1', resource: 'ramroleallowlists' },
          ...request,
        },
      }),
    });

  await t.test('tells what can be told of the object alone, and what it softens', async () => {
    const { body } = await review({
      operation: 'CREATE',
      name: 'list',
      object: allowlistObject({ namespaces: ['staging'], roles: ['*'], violationAction: 'Warn' }),
    });
    assert.deepEqual(JSON.parse(body).response, {
      uid: 'uid-1',
      allowed: true,
      warnings: [
        'spec.violationAction: namespace "staging" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning; keep Deny unless you mean it',
        'spec.roles[0] "*": allows every role that is not protected, those of other teams and later ones too; name the roles, or a prefix that is yours alone',
      ],
    });
    const [line = ''] = webhook.log.filter((line) => line.includes('"/validate-allowlists"'));
    const { level, decision, reason, name } = JSON.parse(line);
    assert.deepEqual(
      { level, decision, reason, name },
      { level: 'info', decision: 'allow', reason: 'allowed', name: 'list' },
    );
  });

  for (const operation of ['DELETE', 'CONNECT']) {
    await t.test(`does not decide ${operation}`, async () => {
      const { body } = await review({ operation, object: allowlistObject({ roles: ['*'] }) });
      assert.deepEqual(JSON.parse(body).response, { uid: 'uid-1', allowed: true });
    });
  }

  await t.test('lets pass what is no object', async () => {
    const { body } = await review({ operation: 'CREATE', object: 7 });
    const { allowed, warnings } = JSON.parse(body).response;
    assert.equal(allowed, true);
    assert.match(warnings.join(), /^the object: expected an object, found 7; the list will be Invalid/);
  });
});

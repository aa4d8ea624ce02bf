import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { podReview } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { metric, probe } from '../support/probe.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';
import { until } from '../support/until.ts';

function writeLists(webhook: StartedWebhook, text: string): void {
  writeFileSync(join(webhook.directory, 'lists.yaml'), text);
}

async function isAllowed(webhook: StartedWebhook, role: string): Promise<boolean> {
  const { body } = await call(webhook, { body: JSON.stringify(podReview({ role })) });
  return JSON.parse(body).response.allowed;
}

async function policyHash(webhook: StartedWebhook): Promise<string | undefined> {
  return /policy_info\{hash="(\w+)"\} 1/.exec((await probe(webhook, '/metrics')).body)?.[1];
}

const linesWith = ({ log }: StartedWebhook, text: string) => log.filter((line) => line.includes(text));

suite('a webhook whose allowlists change', { concurrency: true }, () => {
  test('decides by the new ones, and says in one line what changed', async (t) => {
    const webhook = await startTestWebhook(t);
    const hash = await policyHash(webhook);
    assert.equal(await isAllowed(webhook, 'other'), false);
    writeLists(
      webhook,
      `${allowlistYaml({ roles: '[other]' })}---\n${allowlistYaml({ name: 'analytics', namespaces: '[analytics]' })}`,
    );
    await until('the new ones in force', () => isAllowed(webhook, 'other'));
    const [line = '', ...more] = linesWith(webhook, 'allowlists reloaded');
    assert.deepEqual(more, []);
    const { added, changed, removed } = JSON.parse(line);
    assert.deepEqual(
      { added, changed, removed },
      { added: ['analytics'], changed: ['payments'], removed: [] },
    );
    assert.equal(await metric(webhook, 'allowlists{state="active"}'), 2);
    assert.notEqual(await policyHash(webhook), hash);
  });

  test('decides by the last good ones while the new ones are bad, and counts it', async (t) => {
    const webhook = await startTestWebhook(t);
    const hash = await policyHash(webhook);
    writeLists(webhook, allowlistYaml({ roles: '["a b", "c d"]' }));
    await until('a failure', async () => (await metric(webhook, 'policy_reload_failures_total')) === 1);
    assert.equal(await isAllowed(webhook, 'payments-reader'), true);
    assert.equal((await probe(webhook, '/readyz')).status, 200);
    assert.equal(await policyHash(webhook), hash);
    const [line = '', ...more] = linesWith(
      webhook,
      'allowlists not reloaded: the last good ones stay in force',
    );
    assert.deepEqual(more, []);
    assert.equal(JSON.parse(line).problems.length, 2);
  });

  test('says that it refuses all roles where none is left', async (t) => {
    const webhook = await startTestWebhook(t);
    writeLists(webhook, '{"apiVersion":"v1","kind":"List","items":[]}');
    await until('a note', async () =>
      (await probe(webhook, '/readyz?verbose')).body.includes('no allowlist is loaded'),
    );
    assert.equal(linesWith(webhook, 'no allowlist is loaded').length, 1);
    assert.equal(await isAllowed(webhook, 'payments-reader'), false);
  });

  test('has the same hash for the same lists in another order', async (t) => {
    const [one, other] = [allowlistYaml(), allowlistYaml({ name: 'analytics' })];
    const hashes = [];
    for (const lists of [`${one}---\n${other}`, `${other}---\n${one}`]) {
      const webhook = await startTestWebhook(t);
      writeLists(webhook, lists);
      await until('two lists', async () => (await metric(webhook, 'allowlists{state="active"}')) === 2);
      hashes.push(await policyHash(webhook));
    }
    assert.equal(hashes[0], hashes[1]);
  });

  test('counts and logs each pod whose role only a list that expires allows, dry runs and the mutating pass apart', async (t) => {
    const webhook = await startTestWebhook(t);
    writeLists(
      webhook,
      allowlistYaml({
        roles: '[emergency]',
        rest: '  expiresAt: 2999-01-01T00:00:00Z\n  reason: incident 4711\n',
      }),
    );
    await until('the list in force', () => isAllowed(webhook, 'emergency'));
    const before = await metric(webhook, 'break_glass_total');
    const review = podReview({ role: 'emergency' });
    await call(webhook, { path: '/mutate-pods', body: JSON.stringify(review) });
    const dryRun = { ...review, request: { ...Object(review['request']), dryRun: true } };
    await call(webhook, { path: '/validate-pods', body: JSON.stringify(dryRun) });
    assert.equal(await metric(webhook, 'break_glass_total'), before);

    await call(webhook, { path: '/validate-pods', body: JSON.stringify(review) });
    assert.equal(await metric(webhook, 'break_glass_total'), before + 1);
    const { breakGlass } = JSON.parse(linesWith(webhook, '"breakGlass"').at(-1) ?? '{}');
    assert.deepEqual(breakGlass, {
      allowlist: 'payments',
      expiresAt: '2999-01-01T00:00:00Z',
      reason: 'incident 4711',
    });
  });

  test('counts lists that have expired', async (t) => {
    const webhook = await startTestWebhook(t);
    writeLists(webhook, allowlistYaml({ rest: '  expiresAt: 2020-01-01T00:00:00Z\n  reason: test\n' }));
    await until(
      'one that has expired',
      async () => (await metric(webhook, 'allowlists{state="expired"}')) === 1,
    );
    assert.equal(await metric(webhook, 'allowlists{state="active"}'), 0);
  });
});

suite('a webhook that reports its own state', { concurrency: true }, () => {
  test('counts a dry run apart from a denial', async (t) => {
    const webhook = await startTestWebhook(t);
    const review = podReview({ role: 'other' });
    const dryRun = { ...review, request: { ...Object(review['request']), dryRun: true } };
    await call(webhook, { path: '/validate-pods', body: JSON.stringify(dryRun) });
    const labels = 'path="/validate-pods",decision="deny",reason="not-allowed"';
    assert.equal(await metric(webhook, `decisions_total{${labels},dry_run="true"}`), 1);
    assert.equal(await metric(webhook, `decisions_total{${labels},dry_run="false"}`), 0);
    assert.equal(await metric(webhook, 'denials_by_namespace_total{namespace="payments"}'), 0);
    await call(webhook, { path: '/validate-pods', body: JSON.stringify(review) });
    assert.equal(await metric(webhook, `decisions_total{${labels},dry_run="false"}`), 1);
    assert.equal(await metric(webhook, 'denials_by_namespace_total{namespace="payments"}'), 1);
  });

  test('says when it is ready how many allowlists it has, and from where', async (t) => {
    const webhook = await startTestWebhook(t);
    const [line = ''] = linesWith(webhook, '"msg":"ready"');
    const { source, path, allowlists } = JSON.parse(line);
    assert.deepEqual(
      { source, path, allowlists },
      { source: 'file', path: join(webhook.directory, 'lists.yaml'), allowlists: 1 },
    );
    assert.equal(await metric(webhook, 'ready'), 1);
  });

  test('has a gauge that is 0 for as long as bad allowlists are there', async (t) => {
    const webhook = await startTestWebhook(t);
    assert.equal(await metric(webhook, 'policy_last_reload_successful'), 1);
    writeLists(webhook, 'nonsense');
    await until('the fault', async () => (await metric(webhook, 'policy_last_reload_successful')) === 0);
    writeLists(webhook, allowlistYaml());
    await until('its end', async () => (await metric(webhook, 'policy_last_reload_successful')) === 1);
  });

  test('has no gauge whose name is that of a counter', async (t) => {
    const webhook = await startTestWebhook(t);
    const { body } = await probe(webhook, '/metrics');
    const misnamed = body.match(/^# TYPE \S+_total (?!counter)\S+$/gm) ?? [];
    assert.deepEqual(misnamed, []);
  });
});

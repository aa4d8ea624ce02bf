import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { allowlistYaml } from '../../builders/allowlist-yaml.ts';
import { runCommand } from '../../builders/command-line.ts';
import { podReview } from '../../builders/pod-review.ts';
import { requestOf, templateOf, workloadOf } from '../../builders/workload.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** Runs `review` on a body beside an allowlist of payments. */
async function review(t: TestContext, body: unknown, flags: readonly string[] = []) {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'lists.yaml'), allowlistYaml({ rest: '  defaultRole: payments-reader\n' }));
  writeFileSync(join(directory, 'review.json'), JSON.stringify(body));
  const files = ['-f', join(directory, 'review.json'), '--allowlists', join(directory, 'lists.yaml')];
  const ran = await runCommand(['review', ...files, ...flags]);
  return { ...ran, file: join(directory, 'review.json') };
}

const workloadReview = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    ...requestOf('Deployment', workloadOf('Deployment', templateOf('admin'))),
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  },
};

suite('review', () => {
  test('gives the AdmissionReview that each path answers', async (t) => {
    const body = podReview({ role: 'admin' });
    const { code, stdout } = await review(t, body, ['-o', 'json']);
    assert.equal(code, 1);
    const { answers } = JSON.parse(stdout);
    assert.deepEqual(
      answers.map(({ path }: { path: string }) => path),
      ['/mutate-pods', '/validate-pods'],
    );
    assert.deepEqual(answers[1].review, {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: 'uid-1',
        allowed: false,
        status: {
          status: 'Failure',
          code: 403,
          reason: 'Forbidden',
          message:
            'RAM role "admin" is not allowed in namespace "payments". Allowed for ServiceAccount "default": payments-reader (allowlists: payments). Contact: your cluster administrator',
        },
        auditAnnotations: { decision: 'deny', role: 'admin', allowlist: 'payments' },
      },
    });
  });

  test('prints the patch, the warnings and the audit annotations', async (t) => {
    const body = podReview({ metadata: { annotations: {}, labels: { eci: 'true' } } });
    const { code, stdout } = await review(t, body, ['--path=/mutate-pods']);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      [
        '/mutate-pods: allowed: inject (default)',
        '  patch: {"op":"add","path":"/metadata/annotations/k8s.aliyun.com~1eci-ram-role-name","value":"payments-reader"}',
        '  audit: injected=payments-reader',
        '',
      ].join('\n'),
    );
  });

  for (const { action, code, outcome } of [
    { action: 'Warn', code: 0, outcome: 'warn' },
    { action: 'Deny', code: 1, outcome: 'deny' },
  ]) {
    test(`answers for a workload by --workloads-action ${action}`, async (t) => {
      const ran = await review(t, workloadReview, [`--workloads-action=${action}`, '-o', 'json']);
      const { answers } = JSON.parse(ran.stdout);
      assert.deepEqual(
        [ran.code, answers[0].path, answers[0].outcome],
        [code, '/validate-workloads', outcome],
      );
    });
  }

  test('has no answer for a request that no path decides', async (t) => {
    const body = podReview();
    const changed = { ...body, request: { ...Object(body['request']), operation: 'DELETE' } };
    const { code, stdout } = await review(t, changed);
    assert.deepEqual([code, stdout], [0, 'allowed: no path of the webhook decides this request\n']);
  });

  test('locates a body that is no AdmissionReview', async (t) => {
    const { code, stderr, file } = await review(t, { apiVersion: 'v1', kind: 'Pod' });
    assert.deepEqual(
      [code, stderr],
      [2, `${file}:1:1: expected apiVersion admission.k8s.io/v1 and kind AdmissionReview, found others\n`],
    );
  });
});

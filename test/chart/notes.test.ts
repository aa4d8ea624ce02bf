import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { CHART, type Values } from './helm.ts';
import { findTool } from './tools.ts';

/** What Helm prints after an installation. Helm 3 needs a cluster for it. */
function notesOf(values: Values): string {
  const argv = [
    'install',
    'eci-ram-role-webhook',
    CHART,
    '--namespace',
    'system',
    '--dry-run=client',
    '--values',
    '-',
  ];
  const options = { input: JSON.stringify(values), encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const { status, stdout, stderr } = spawnSync(findTool('helm4'), argv, options);
  assert.equal(status, 0, stderr);
  return stdout.split('NOTES:')[1] ?? assert.fail(stdout);
}

suite('the notes after an installation', () => {
  test('name the groups of custom kinds that the cluster does not serve', () => {
    const customKinds = [
      { apiGroups: ['apps.kruise.oi', 'networking.k8s.io'], resources: ['clonesets'] },
      { apiGroups: ['apps.kruise.oi'], resources: ['statefulsets'] },
    ];
    const warnings = notesOf({ workloads: { customKinds } }).match(/^workloads\.customKinds.*$/gm);
    assert.deepEqual(warnings, [
      'workloads.customKinds names the API group apps.kruise.oi, which this cluster does not serve: its objects are not checked. Is it misspelt?',
    ]);
  });

  test('name none without custom kinds, or if they are not checked', () => {
    const customKinds = [{ apiGroups: ['apps.kruise.oi'], resources: ['clonesets'] }];
    for (const workloads of [{}, { action: 'Off', customKinds }]) {
      assert.doesNotMatch(notesOf({ workloads }), /customKinds/);
    }
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { runHelm } from './harness/run-helm.ts';
import { type Cluster, startCluster } from './harness/start-cluster.ts';

const chart = `apiVersion: v2
name: example
version: 1.0.0
kubeVersion: '>=1.30.0-0'
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: 2
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec: { containers: [{ name: app, image: {{ .Values.image | quote }} }] }
`;

suite('helm', () => {
  let cluster: Cluster;
  let chartDirectory = '';

  before(async () => {
    cluster = await startCluster({ images: { 'broken:*': { run: 'never-starts' } } });
    chartDirectory = join(cluster.controlPlane.directory, 'chart');
    mkdirSync(join(chartDirectory, 'templates'), { recursive: true });
    writeFileSync(join(chartDirectory, 'Chart.yaml'), chart);
    writeFileSync(join(chartDirectory, 'values.yaml'), 'image: good:1\n');
    writeFileSync(join(chartDirectory, 'templates/deployment.yaml'), deployment);
  });

  after(() => cluster?.stop());

  for (const version of ['helm3', 'helm4'] as const) {
    test(`${version} waits for a rollout, gives up on one that cannot end, rolls back and uninstalls`, async () => {
      const run = (...args: string[]) => runHelm(cluster.controlPlane, version, args);
      const installed = await run('install', version, chartDirectory, '--wait', '--timeout=30s');
      assert.equal(installed.code, 0, installed.stderr);
      const broken = await run(
        ...['upgrade', version, chartDirectory, '--set', 'image=broken:1', '--wait', '--timeout=4s'],
      );
      assert.equal(broken.code, 1);
      const rolledBack = await run('rollback', version, '--wait', '--timeout=30s');
      assert.equal(rolledBack.code, 0, rolledBack.stderr);
      const uninstalled = await run('uninstall', version, '--wait', '--timeout=30s');
      assert.equal(uninstalled.code, 0, uninstalled.stderr);
      await cluster.kubectl(['wait', '--for=delete', 'pods', '-l', `app=${version}`, '--timeout=30s']);
    });
  }
});

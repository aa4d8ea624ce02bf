// The commands of docs/native-policies.md do in a cluster without the chart what it shows.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite } from 'node:test';
import { testCommands } from './documents/test-commands.ts';
import { type Cluster, startCluster } from './harness/start-cluster.ts';

suite('the commands of docs/native-policies.md', () => {
  let cluster: Cluster;

  before(async () => {
    mkdirSync(join(import.meta.dirname, '../../.cache'), { recursive: true });
    cluster = await startCluster();
  });

  after(() => cluster?.stop());

  testCommands({ document: 'docs/native-policies.md', getCluster: () => cluster });
});

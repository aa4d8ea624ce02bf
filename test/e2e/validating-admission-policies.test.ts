// The commands of docs/validating-admission-policies.md, in a cluster without the chart, print the output that it shows.
import { after, before, suite } from 'node:test';
import { testCommands } from './documents/test-commands.ts';
import { type Cluster, startCluster } from './harness/start-cluster.ts';

suite('the commands of docs/validating-admission-policies.md', () => {
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster();
  });

  after(() => cluster?.stop());

  testCommands({ document: 'docs/validating-admission-policies.md', getCluster: () => cluster });
});

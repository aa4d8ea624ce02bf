// The scenarios that share one cluster, one after another. Each leaves it as it was.
import { after } from 'node:test';
import { shareDefaultCluster, stopSharedCluster } from './scenarios/support/default-cluster.ts';
import { SHARED_SCENARIOS } from './shared-scenarios.ts';

shareDefaultCluster();
after(stopSharedCluster);

for (const scenario of SHARED_SCENARIOS) {
  await import(`./${scenario}.test.ts`);
}

import { after } from 'node:test';
import { shareCluster, stopSharedCluster } from '../scenarios/support/shared-cluster.ts';
import { SHARED_SCENARIOS, type SharedCluster } from './scenarios.ts';

/** Runs the scenarios of one cluster in this process. */
export async function runSharedScenarios(name: SharedCluster): Promise<void> {
  shareCluster();
  after(stopSharedCluster);
  for (const scenario of SHARED_SCENARIOS[name]) {
    await import(`../scenarios/${scenario}.test.ts`);
  }
}

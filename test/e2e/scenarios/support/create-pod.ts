import type { Cluster } from '../../harness/start-cluster.ts';
import { pod } from './manifests.ts';

/**
 * Creates a pod in namespace `payments`, in a dry run, and returns it as JSON. Throws with what the API server said where
 * that refuses it.
 */
export function createPod(cluster: Cluster, role: string | undefined): Promise<string> {
  return cluster.kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], {
    input: JSON.stringify(pod('test', 'payments', role)),
  });
}

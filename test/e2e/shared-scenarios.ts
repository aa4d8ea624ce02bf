/**
 * The scenarios that install the chart with its defaults and change nothing of the installation but its replicas. They run
 * one after another on one cluster: see shared-cluster.test.ts. Each can also be run alone, on its own.
 */
export const SHARED_SCENARIOS = [
  'scenarios/seed',
  'scenarios/exempt-namespaces',
  'scenarios/namespace-labels',
  'scenarios/allowlist-life',
  'scenarios/invalid-allowlists',
  'scenarios/confined-identity',
  'scenarios/binding',
  'scenarios/every-way-to-create-a-pod',
  'scenarios/other-mutating-webhooks',
  'scenarios/creation-lock',
  'scenarios/webhook-down',
] as const;

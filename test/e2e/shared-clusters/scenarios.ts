/**
 * The scenarios that need no cluster of their own, by the cluster that they share. Each set is a process in which they run
 * one after another, in this order: those with the same values of the chart follow each other. Each can also be run alone.
 */
export const SHARED_SCENARIOS = {
  defaults: [
    'seed',
    'exempt-namespaces',
    'namespace-labels',
    'allowlist-life',
    'invalid-allowlists',
    'confined-identity',
    'binding',
    'every-way-to-create-a-pod',
    'other-mutating-webhooks',
    'webhook-down',
    'odd-pods',
    'creation-lock',
    'violation-actions',
    'command-line-cluster',
  ],
  values: [
    'workload-checks',
    'workload-checks-deny',
    'delegations',
    'delegations-property',
    'creation-lock-values',
    'command-line-parity',
  ],
} as const;

export type SharedCluster = keyof typeof SHARED_SCENARIOS;

import { type AddressBlock, apiServerPort } from './claim-addresses.ts';

/** Absolute paths of what the components read and write. */
export type ComponentFiles = {
  ca: string;
  certificate: string;
  privateKey: string;
  signingKey: string;
  verificationKey: string;
  tokens: string;
  auditPolicy: string;
  auditLog: string;
};

/** What is created or changed, once it is done, with annotations but without bodies; of statuses what tenants write. */
export const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    verbs: [get, list, watch]
  - level: Metadata
    users: [dev, tester]
  - level: None
    resources: [{ group: coordination.k8s.io }, { group: "", resources: [events, nodes/status] }]
  - level: Metadata
`;

/** etcd without fsync: nothing here outlives the run. */
export function etcdFlags({ host, dataDirectory }: { host: string; dataDirectory: string }): string[] {
  return [
    `--data-dir=${dataDirectory}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=http://${host}:2379`,
    `--advertise-client-urls=http://${host}:2379`,
    `--listen-peer-urls=http://${host}:2380`,
    `--initial-advertise-peer-urls=http://${host}:2380`,
    `--initial-cluster=default=http://${host}:2380`,
    '--log-level=warn',
  ];
}

/** An API server whose ClusterIPs are loopback addresses, so that it reaches webhooks without kube-proxy. */
export function apiServerFlags(options: { addresses: AddressBlock; files: ComponentFiles }): string[] {
  const { addresses, files } = options;
  return [
    `--etcd-servers=http://${addresses.controlPlaneAddress}:2379`,
    `--bind-address=${addresses.controlPlaneAddress}`,
    `--secure-port=${apiServerPort}`,
    `--service-cluster-ip-range=${addresses.serviceRange}`,
    // Without it the API server looks for a default route, which a machine without a network has not.
    `--advertise-address=${addresses.controlPlaneAddress}`,
    // Any other reconciler refuses to advertise a loopback address.
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.privateKey}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-signing-key-file=${files.signingKey}`,
    `--service-account-key-file=${files.verificationKey}`,
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    '--audit-log-mode=blocking',
    // A node's name resolves nowhere; its address does not have to.
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ];
}

/** Controllers that act as their own ServiceAccounts, as in a real cluster. */
export function controllerManagerFlags(options: { kubeconfigPath: string; files: ComponentFiles }): string[] {
  return [
    `--kubeconfig=${options.kubeconfigPath}`,
    '--use-service-account-credentials',
    `--service-account-private-key-file=${options.files.signingKey}`,
    `--root-ca-file=${options.files.ca}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

export function schedulerFlags(options: { kubeconfigPath: string }): string[] {
  return [
    `--kubeconfig=${options.kubeconfigPath}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

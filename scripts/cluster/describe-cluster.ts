import { NAMESPACE, RELEASE } from '../../test/e2e/scenarios/support/webhook-cluster.ts';

const IN_NAMESPACE = `--namespace ${NAMESPACE}`;
const UPGRADE = `helm upgrade ${RELEASE} charts/${RELEASE} ${IN_NAMESPACE} --wait --reset-then-reuse-values`;
const INSTALL = `helm install ${RELEASE} charts/${RELEASE} ${IN_NAMESPACE} --create-namespace --rollback-on-failure`;
const ROLE_COLUMN = String.raw`'NAME:.metadata.name,ROLE:.metadata.annotations.k8s\.aliyun\.com/eci-ram-role-name'`;

/** What to type in a second terminal. */
export function describeCluster(cluster: {
  kubeconfigPath: string;
  binDirectory: string;
  logsDirectory: string;
  isInstalled: boolean;
}): string {
  return `
The cluster is up. In another terminal, in this directory:

  export KUBECONFIG=${cluster.kubeconfigPath}
  export PATH=${cluster.binDirectory}:$PATH

${cluster.isInstalled ? '' : `Install the chart:\n\n  ${INSTALL}\n\n`}Three commands to try:

  kubectl apply -f examples/allowlist.yaml
  kubectl apply -f examples/deployment.yaml
  kubectl get pods --namespace payments --output custom-columns=${ROLE_COLUMN}

After a change to the chart, and after a change to the server:

  ${UPGRADE}
  npm run build && kubectl rollout restart deployment ${IN_NAMESPACE}

The node has no kubelet and no container engine. The webhook's pods run as processes of this machine. Pods of other
images are only reported as Running. There is no DNS, kubectl exec, kubectl port-forward or persistent volume.

Logs of all components and pods are in ${cluster.logsDirectory}.
Stop with Ctrl-C.
`;
}

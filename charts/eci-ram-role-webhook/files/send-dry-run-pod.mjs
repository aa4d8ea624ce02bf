// Asks the API server to create a pod, in a dry run, that names a role no pod may have: the webhook must refuse it, or admit it
// where that is what the values say.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, TEST_NAMESPACE, TEST_ROLE, TEST_MAY_BE_ADMITTED } = process.env;
const ATTEMPTS = 30;
const ADMITTED = '201 admitted';
const DENIED = /admission webhook "(mutate|validate)-pods\.eci-ram-role\.io" denied the request/;

const isIPv6 = KUBERNETES_SERVICE_HOST.includes(':');
const host = isIPv6 ? `[${KUBERNETES_SERVICE_HOST}]` : KUBERNETES_SERVICE_HOST;
const url = `https://${host}:${KUBERNETES_SERVICE_PORT}/api/v1/namespaces/${TEST_NAMESPACE}/pods?dryRun=All`;
const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8').trim();
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    generateName: 'eci-ram-role-webhook-test-',
    annotations: { 'k8s.aliyun.com/eci-ram-role-name': TEST_ROLE },
  },
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'never-started',
        image: 'never-pulled',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
};

// Just after an installation the API server may not yet know how to reach the webhook.
for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
  const answer = await createPod().catch((error) => `no answer from ${url}: ${error.cause ?? error}`);
  console.log(answer);
  if (DENIED.test(answer)) {
    console.log('passed: the webhook refused the pod');
    process.exit(0);
  }
  if (TEST_MAY_BE_ADMITTED === 'true' && answer === ADMITTED) {
    console.log('passed: the webhook admitted the pod, as unlistedNamespaces says');
    process.exit(0);
  }
  await sleep(1000);
}
console.log(`failed: expected the webhook to refuse a pod with the role ${TEST_ROLE} in namespace ${TEST_NAMESPACE}`);
process.exit(1);

async function createPod() {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(pod),
  });
  const { message = 'admitted' } = await response.json();
  return `${response.status} ${message}`;
}

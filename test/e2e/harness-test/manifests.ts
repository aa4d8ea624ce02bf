import type { KeyPair } from '../harness/certificate-authority.ts';

/** A Deployment of a tenant's image, which the node agent pretends to run. */
export function buildPretendDeployment(name: string, replicas: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'nginx:1.29' }] },
      },
    },
  };
}

/** The server of server.mjs: ServiceAccount with leave to read one ConfigMap, ConfigMap, Service and Deployment. */
export function buildServer(greeting: string): object[] {
  const metadata = { name: 'server' };
  const labels = { app: 'server' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['server'], verbs: ['get'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'server' },
      subjects: [{ kind: 'ServiceAccount', name: 'server', namespace: 'default' }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: buildServerPod(greeting) },
      },
    },
  ];
}

export function buildServerConfig(message: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'server' }, data: { message } };
}

function buildServerPod(greeting: string): object {
  return {
    serviceAccountName: 'server',
    terminationGracePeriodSeconds: 10,
    securityContext: { runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 },
    containers: [
      {
        name: 'server',
        image: 'server:1',
        args: ['8080'],
        ports: [{ name: 'http', containerPort: 8080 }],
        env: [
          { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'GREETING', value: greeting },
        ],
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
        lifecycle: { preStop: { sleep: { seconds: 1 } } },
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [{ name: 'config', mountPath: '/etc/server' }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'server' } }],
  };
}

/** The webhook of webhook.mjs: Secret, Service, Deployment and a registration for ConfigMaps with label refused=yes. */
export function buildWebhook({ certificate, privateKey }: KeyPair, caCertificate: string): object[] {
  const metadata = { name: 'webhook' };
  const labels = { app: 'webhook' };
  const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
  const stringData = { 'tls.crt': certificate, 'tls.key': privateKey };
  const spec = {
    containers: [
      {
        ...{ name: 'webhook', image: 'webhook:1', env: [podIp] },
        readinessProbe: { httpGet: { port: 8443, scheme: 'HTTPS' } },
        volumeMounts: [{ name: 'tls', mountPath: '/tls' }],
      },
    ],
    volumes: [{ name: 'tls', secret: { secretName: 'webhook' } }],
  };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', stringData },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    {
      ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata },
      webhooks: [
        {
          ...{ name: 'webhook.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'] },
          objectSelector: { matchLabels: { refused: 'yes' } },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
          ],
          clientConfig: {
            service: { name: 'webhook', namespace: 'default' },
            caBundle: Buffer.from(caCertificate).toString('base64'),
          },
        },
      ],
    },
  ];
}

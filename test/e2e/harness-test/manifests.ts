import { stringify } from 'yaml';

/** YAML text of several objects, for kubectl's standard input. */
export function formatObjects(...objects: object[]): string {
  return objects.map((object) => stringify(object)).join('---\n');
}

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

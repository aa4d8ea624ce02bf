import type { KubernetesObject } from '../harness/api-client.ts';
import type { ControlPlane } from '../harness/control-plane.ts';
import { buildClusterRole, buildConfiguration, buildRole, decode, encode } from './site-objects.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const SECRET = 'hook-tls';
const SERVICE = 'hook';
const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;

type WebhookConfiguration = KubernetesObject & {
  webhooks: { name: string; clientConfig: { caBundle?: string } }[];
};

/** What the chart would make for one release, of which the upkeep of certificates knows: named after its namespace. */
export type Site = Readonly<{
  namespace: string;
  secretName: string;
  serviceName: string;
  serverName: string;
  webhookConfigurationName: string;
  clusterIp: string;
  /** Of the ServiceAccount that has the chart's rights, and no more. */
  token: string;
  /** The caBundle of each webhook, PEM, empty where there is none. */
  readBundles: () => Promise<string[]>;
  /** Sets the caBundle of the webhooks of which the names begin so; undefined takes it away. */
  writeBundles: (nameStart: string, caBundle: string | undefined) => Promise<void>;
  readSecret: () => Promise<Record<string, string>>;
  /** Merges texts into the Secret; null takes a key away. */
  changeSecret: (data: Record<string, string | null>) => Promise<void>;
  deleteSecret: () => Promise<void>;
  createSecret: () => Promise<void>;
  /** Takes the rights away that begin so, or gives all back. */
  refuse: (kind: 'secrets' | 'configurations') => Promise<void>;
  permit: (kind: 'secrets' | 'configurations') => Promise<void>;
  /** Creates a ConfigMap that both webhooks have to admit. */
  createReviewedObject: () => Promise<void>;
  /** Has the validating configuration consist of these webhooks, by server-side apply, as an upgrade would. */
  upgradeValidating: (names: readonly ('validate' | 'bind')[]) => Promise<void>;
}>;

export async function createSite({ client }: ControlPlane, namespace: string): Promise<Site> {
  const inNamespace = `/api/v1/namespaces/${namespace}`;
  const post = (path: string, body: object) => client.send('POST', path, body);
  const subjects = [{ kind: 'ServiceAccount', name: 'hook', namespace }];
  const apiGroup = 'rbac.authorization.k8s.io';

  const createSecret = async () => {
    await post(`${inNamespace}/secrets`, { metadata: { name: SECRET }, type: 'Opaque' });
  };
  const permit: Site['permit'] = async (kind) => {
    if (kind === 'secrets') {
      const roleRef = { apiGroup, kind: 'Role', name: 'hook' };
      await post(`${RBAC}/namespaces/${namespace}/rolebindings`, {
        metadata: { name: 'hook' },
        roleRef,
        subjects,
      });
    } else {
      const roleRef = { apiGroup, kind: 'ClusterRole', name: namespace };
      await post(`${RBAC}/clusterrolebindings`, { metadata: { name: namespace }, roleRef, subjects });
    }
  };

  await post('/api/v1/namespaces', { metadata: { name: namespace } });
  await post(`${inNamespace}/serviceaccounts`, { metadata: { name: 'hook' } });
  await createSecret();
  await post(`${RBAC}/namespaces/${namespace}/roles`, buildRole(SECRET));
  await post(`${RBAC}/clusterroles`, buildClusterRole(namespace, CONFIGURATIONS));
  await permit('secrets');
  await permit('configurations');
  const service = await client.send<{ spec: { clusterIP: string } }>('POST', `${inNamespace}/services`, {
    metadata: { name: SERVICE },
    spec: { ports: [{ port: 443 }] },
  });
  const { status } = await client.send<{ status: { token: string } }>(
    'POST',
    `${inNamespace}/serviceaccounts/hook/token`,
    { spec: {} },
  );
  const apply = async (resource: string, configuration: object) => {
    const path = `${ADMISSION}/${resource}/${namespace}?fieldManager=helm`;
    await client.send('PATCH', path, configuration, 'application/apply-patch+yaml');
  };
  const upgradeValidating: Site['upgradeValidating'] = (names) =>
    apply(
      'validatingwebhookconfigurations',
      buildConfiguration('ValidatingWebhookConfiguration', namespace, SERVICE, names),
    );
  await apply(
    'mutatingwebhookconfigurations',
    buildConfiguration('MutatingWebhookConfiguration', namespace, SERVICE, ['mutate']),
  );
  await upgradeValidating(['validate', 'bind']);

  const forEachConfiguration = async (
    visit: (configuration: WebhookConfiguration, path: string) => Promise<void>,
  ) => {
    for (const resource of CONFIGURATIONS) {
      const path = `${ADMISSION}/${resource}/${namespace}`;
      await visit(await client.send<WebhookConfiguration>('GET', path), path);
    }
  };
  let reviewed = 0;

  return {
    namespace,
    secretName: SECRET,
    serviceName: SERVICE,
    serverName: `${SERVICE}.${namespace}.svc`,
    webhookConfigurationName: namespace,
    clusterIp: service.spec.clusterIP,
    token: status.token,
    readBundles: async () => {
      const bundles: string[] = [];
      await forEachConfiguration(async ({ webhooks }) => {
        bundles.push(...webhooks.map(({ clientConfig }) => decode(clientConfig.caBundle ?? '')));
      });
      return bundles;
    },
    writeBundles: (nameStart, caBundle) =>
      forEachConfiguration(async (configuration, path) => {
        const patch = configuration.webhooks.flatMap(({ name, clientConfig }, index) => {
          const target = `/webhooks/${index}/clientConfig/caBundle`;
          if (!name.startsWith(nameStart)) {
            return [];
          }
          if (caBundle !== undefined) {
            return [{ op: 'add', path: target, value: encode(caBundle) }];
          }
          return clientConfig.caBundle === undefined ? [] : [{ op: 'remove', path: target }];
        });
        await client.send('PATCH', path, patch, 'application/json-patch+json');
      }),
    readSecret: async () => {
      const { data = {} } = await client.send<{ data?: Record<string, string> }>(
        'GET',
        `${inNamespace}/secrets/${SECRET}`,
      );
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decode(value)]));
    },
    changeSecret: async (data) => {
      const encoded = Object.entries(data).map(([key, value]) => [
        key,
        value === null ? null : encode(value),
      ]);
      const patch = { data: Object.fromEntries(encoded) };
      await client.send('PATCH', `${inNamespace}/secrets/${SECRET}`, patch, 'application/merge-patch+json');
    },
    deleteSecret: async () => {
      await client.send('DELETE', `${inNamespace}/secrets/${SECRET}`);
    },
    createSecret,
    refuse: async (kind) => {
      const path =
        kind === 'secrets'
          ? `${RBAC}/namespaces/${namespace}/rolebindings/hook`
          : `${RBAC}/clusterrolebindings/${namespace}`;
      await client.send('DELETE', path);
    },
    permit,
    upgradeValidating,
    createReviewedObject: async () => {
      reviewed += 1;
      await post(`${inNamespace}/configmaps?dryRun=All`, { metadata: { name: `reviewed-${reviewed}` } });
    },
  };
}

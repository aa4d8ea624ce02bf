import { type ApiClient, ApiError, type ApiRequest } from '../../src/kubernetes/client.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Texts by key, as a Secret holds them, but decoded. */
export type Data = Record<string, string>;

/** As much of an API server as the upkeep of certificates meets: one Secret, two configurations, in memory. */
export type FakeCluster = Readonly<{
  client: ApiClient;
  requests: ApiRequest[];
  /** Undefined where the Secret does not exist. */
  readSecret: () => Data | undefined;
  writeSecret: (data: Data | undefined) => void;
  /** The caBundle of each webhook, PEM. */
  readBundles: () => string[];
  writeBundle: (webhook: string, caBundle: string) => void;
  /** Has calls fail for which this gives an error. */
  failWhen: (rule: (request: ApiRequest) => Error | undefined) => void;
  removeConfiguration: (kind: 'mutating' | 'validating') => void;
}>;

type Stored = { version: number; kind: string; bundles: Map<string, string> };

export function createFakeCluster(): FakeCluster {
  let version = 1;
  let secret: { version: number; data: Data } | undefined = { version, data: {} };
  let rule: (request: ApiRequest) => Error | undefined = () => undefined;
  const requests: ApiRequest[] = [];
  const configurations = new Map<string, Stored>([
    [
      `${ADMISSION}/mutatingwebhookconfigurations/hook`,
      { version, kind: 'MutatingWebhookConfiguration', bundles: new Map([['mutate', '']]) },
    ],
    [
      `${ADMISSION}/validatingwebhookconfigurations/hook`,
      {
        version,
        kind: 'ValidatingWebhookConfiguration',
        bundles: new Map([
          ['validate', ''],
          ['bind', ''],
        ]),
      },
    ],
  ]);

  const callSecret = (method: string, body: unknown): unknown => {
    if (secret === undefined) {
      throw new ApiError(404, 'secrets "tls" not found');
    }
    if (method === 'PUT') {
      const sent = JSON.parse(JSON.stringify(body));
      if (sent.metadata.resourceVersion !== String(secret.version)) {
        throw new ApiError(409, 'the object has been modified');
      }
      version += 1;
      secret = { version, data: mapValues(sent.data, decode) };
    }
    return {
      kind: 'Secret',
      metadata: { name: 'tls', resourceVersion: String(secret.version) },
      type: 'Opaque',
      ...(Object.keys(secret.data).length > 0 && { data: mapValues(secret.data, encode) }),
    };
  };

  const callConfiguration = (method: string, path: string, body: unknown): unknown => {
    const stored = configurations.get(path);
    if (stored === undefined) {
      throw new ApiError(404, `${path} not found`);
    }
    if (method === 'PATCH') {
      const [condition, ...operations] = JSON.parse(JSON.stringify(body));
      if (condition.value !== String(stored.version)) {
        throw new ApiError(409, 'the object has been modified');
      }
      const names = [...stored.bundles.keys()];
      for (const { path: target, value } of operations) {
        stored.bundles.set(names[target.split('/')[2]] ?? '', decode(value));
      }
      version += 1;
      stored.version = version;
    }
    const webhooks = [...stored.bundles].map(([name, caBundle]) => ({
      name,
      clientConfig: { service: { name: 'hook' }, ...(caBundle !== '' && { caBundle: encode(caBundle) }) },
    }));
    return {
      kind: stored.kind,
      metadata: { name: 'hook', resourceVersion: String(stored.version) },
      webhooks,
    };
  };

  return {
    requests,
    client: {
      open: () => Promise.reject(new Error('the upkeep of certificates opens no stream')),
      call: async (request) => {
        requests.push(request);
        const failure = rule(request);
        if (failure !== undefined) {
          throw failure;
        }
        const { method = 'GET', path, body } = request;
        return path === '/api/v1/namespaces/hooks/secrets/tls'
          ? callSecret(method, body)
          : callConfiguration(method, path, body);
      },
    },
    readSecret: () => secret?.data,
    writeSecret: (data) => {
      version += 1;
      secret = data && { version, data };
    },
    readBundles: () => [...configurations.values()].flatMap(({ bundles }) => [...bundles.values()]),
    writeBundle: (webhook, caBundle) => {
      for (const stored of configurations.values()) {
        if (stored.bundles.has(webhook)) {
          version += 1;
          stored.version = version;
          stored.bundles.set(webhook, caBundle);
        }
      }
    },
    failWhen: (newRule) => {
      rule = newRule;
    },
    removeConfiguration: (kind) => {
      configurations.delete(`${ADMISSION}/${kind}webhookconfigurations/hook`);
    },
  };
}

function mapValues(record: Data, map: (value: string) => string): Data {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

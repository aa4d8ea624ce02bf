import type { Logger } from 'pino';
import * as z from 'zod';
import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError } from './client.ts';
import { FIELD_MANAGER } from './object.ts';

const KINDS = {
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
} as const;
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** The kinds of webhook configurations. */
type ConfigurationKind = keyof typeof KINDS;

/** The part of a webhook configuration that sets the certificates that the API server trusts. */
export type WebhookConfiguration = Readonly<{
  kind: ConfigurationKind;
  resourceVersion: string;
  /** The caBundle is PEM, empty if there is none. */
  webhooks: readonly Readonly<{ name: string; caBundle: string }>[];
}>;

/** Receives reports on the caBundle. */
export type CaBundleObserver = Readonly<{
  logger: Pick<Logger, 'info' | 'warn'>;
  /** A caBundle that somebody else had changed was put back. */
  countBundleRestore: () => void;
}>;

export type CaBundlePublisher = Readonly<{
  /**
   * Reads both configurations of the name, leaving out one that does not exist.
   *
   * @throws if one cannot be read; the message names it
   */
  read: () => Promise<readonly WebhookConfiguration[]>;
  /**
   * Writes the bundle into every webhook that carries another one, unless the configuration has changed since it was
   * read. Resolves to whether the configurations should be read again: one was written, here or by another.
   *
   * @throws if one cannot be written, after both were tried; the message names it
   */
  publish: (configurations: readonly WebhookConfiguration[], bundle: string) => Promise<boolean>;
}>;

/** Publishes the CA bundle in the two webhook configurations of a name. Needs get and patch. */
export function createCaBundlePublisher(
  client: ApiClient,
  name: string,
  { logger, countBundleRestore }: CaBundleObserver,
): CaBundlePublisher {
  const absent = new Set<ConfigurationKind>();
  const found = new Set<ConfigurationKind>();
  /** The bundle that each configuration is known to have carried: if it is gone, somebody else removed it. */
  const known = new Map<ConfigurationKind, string>();

  const readOne = async (kind: ConfigurationKind): Promise<readonly WebhookConfiguration[]> => {
    try {
      const configuration = parseConfiguration(kind, await client.call({ path: pathOf(kind, name) }));
      absent.delete(kind);
      found.add(kind);
      return [configuration];
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        throw new Error(`${kind} ${name} cannot be read: ${errorMessage(error)}`);
      }
      if (!absent.has(kind)) {
        absent.add(kind);
        const fields = { configuration: `${kind} ${name}` };
        if (found.has(kind)) {
          logger.warn(fields, 'webhook configuration was deleted');
        } else {
          // Helm creates the configurations after the Deployment, so this is normal at the first start.
          logger.info(fields, 'webhook configuration does not exist yet');
        }
      }
      return [];
    }
  };

  const publishOne = async (configuration: WebhookConfiguration, bundle: string): Promise<boolean> => {
    const { kind, webhooks } = configuration;
    if (webhooks.every(({ caBundle }) => caBundle === bundle)) {
      known.set(kind, bundle);
      return false;
    }
    try {
      await client.call({
        method: 'PATCH',
        path: pathOf(kind, name),
        query: { fieldManager: FIELD_MANAGER },
        contentType: 'application/json-patch+json',
        body: buildBundlePatch(configuration, bundle),
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        return true;
      }
      throw new Error(`caBundle of ${kind} ${name} cannot be written: ${errorMessage(error)}`);
    }
    if (known.get(kind) === bundle) {
      countBundleRestore();
      logger.warn({ configuration: `${kind} ${name}` }, 'caBundle put back after another client changed it');
    }
    known.set(kind, bundle);
    return true;
  };

  return {
    read: async () => {
      const found = await allInOrder([
        readOne('MutatingWebhookConfiguration'),
        readOne('ValidatingWebhookConfiguration'),
      ]);
      return found.flat();
    },
    publish: async (configurations, bundle) => {
      const written = await allInOrder(
        configurations.map((configuration) => publishOne(configuration, bundle)),
      );
      return written.includes(true);
    },
  };
}

/** Waits for all, then throws the first error in their order, so that the reported problem does not change at random. */
async function allInOrder<Value>(promises: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(promises);
  const values: Value[] = [];
  for (const promise of promises) {
    values.push(await promise);
  }
  return values;
}

/** The path of a configuration in the API. */
function pathOf(kind: ConfigurationKind, name: string): string {
  return `/apis/${API_VERSION}/${KINDS[kind]}/${name}`;
}

const configurationSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  webhooks: z
    .array(z.object({ name: z.string(), clientConfig: z.object({ caBundle: z.string().nullish() }) }))
    .nullish(),
});

/** Reads a configuration that the API server sent; throws if it is none. */
function parseConfiguration(kind: ConfigurationKind, answer: unknown): WebhookConfiguration {
  const { metadata, webhooks } = configurationSchema.parse(answer);
  return {
    kind,
    resourceVersion: metadata.resourceVersion,
    webhooks: (webhooks ?? []).map(({ name, clientConfig }) => ({
      name,
      caBundle: Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
    })),
  };
}

/**
 * Builds a JSON Patch that sets the bundle of the webhooks that lack it. Server-side apply would make us an owner of the
 * webhooks themselves, and an upgrade that removes one by server-side apply would fail. The resource version is a
 * condition: a plan from an older reading must not overwrite a bundle that another replica has published since, nor
 * change another webhook that has taken the same index.
 */
function buildBundlePatch(
  { resourceVersion, webhooks }: WebhookConfiguration,
  bundle: string,
): readonly Readonly<{ op: string; path: string; value: string }>[] {
  const value = Buffer.from(bundle).toString('base64');
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...webhooks.flatMap(({ caBundle }, index) =>
      caBundle === bundle ? [] : [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }],
    ),
  ];
}

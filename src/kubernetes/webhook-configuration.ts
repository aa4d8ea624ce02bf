import * as z from 'zod';

const KINDS = {
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
} as const;
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** The kinds of webhook configurations. */
export type ConfigurationKind = keyof typeof KINDS;

/** The part of a webhook configuration that sets the certificates that the API server trusts. */
export type WebhookConfiguration = Readonly<{
  kind: ConfigurationKind;
  resourceVersion: string;
  /** The caBundle is PEM, empty if there is none. */
  webhooks: readonly Readonly<{ name: string; caBundle: string }>[];
}>;

const configurationSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  webhooks: z
    .array(z.object({ name: z.string(), clientConfig: z.object({ caBundle: z.string().nullish() }) }))
    .nullish(),
});

/** The path of a configuration in the API. */
export function pathOf(kind: ConfigurationKind, name: string): string {
  return `/apis/${API_VERSION}/${KINDS[kind]}/${name}`;
}

/** Reads a configuration that the API server sent; throws if it is none. */
export function parseConfiguration(kind: ConfigurationKind, answer: unknown): WebhookConfiguration {
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
export function buildBundlePatch(
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

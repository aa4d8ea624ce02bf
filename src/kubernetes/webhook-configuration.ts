import * as z from 'zod';

const KINDS = {
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
} as const;
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** The kinds of webhook configurations. */
export type Kind = keyof typeof KINDS;

/** What a webhook configuration says of whom the API server shall trust. */
export type WebhookConfiguration = Readonly<{
  kind: Kind;
  resourceVersion: string;
  /** The caBundle is PEM, empty where there is none. */
  webhooks: readonly Readonly<{ name: string; caBundle: string }>[];
}>;

const configurationSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  webhooks: z
    .array(z.object({ name: z.string(), clientConfig: z.object({ caBundle: z.string().nullish() }) }))
    .nullish(),
});

/** The path of a configuration in the API. */
export function pathOf(kind: Kind, name: string): string {
  return `/apis/${API_VERSION}/${KINDS[kind]}/${name}`;
}

/** Reads what the API server answers; throws where it is no configuration. */
export function parseConfiguration(kind: Kind, answer: unknown): WebhookConfiguration {
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
 * Nothing but the bundle of webhooks that lack it, and no server-side apply: that would make us own the webhooks
 * themselves, and an upgrade that takes one away by server-side apply would fail on what is left of it. The resource
 * version is a condition, not a change: what was planned from an older reading must not overwrite what another replica
 * has published since, nor hit another webhook by its index.
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

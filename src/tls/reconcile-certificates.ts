import type { X509Certificate } from 'node:crypto';
import type { CaBundlePublisher } from '../kubernetes/ca-bundle.ts';
import { SecretConflictError, type SecretStore, type StoredSecret } from '../kubernetes/secret-store.ts';
import type { WebhookConfiguration } from '../kubernetes/webhook-configuration.ts';
import { applyChange, type Issuer } from './apply-change.ts';
import { parseCertificates, writeState } from './certificate-state.ts';
import type { Change } from './change.ts';
import type { Serving } from './circumstances.ts';
import { type Plan, planCertificates } from './plan-certificates.ts';

export type ReconcileOptions = Readonly<{
  store: SecretStore;
  publisher: CaBundlePublisher;
  loadIssuer: () => Promise<Issuer>;
  serverName: string;
  authorityLifetimeMs: number;
  leafLifetimeMs: number;
  publicationLeadMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** A change was written to the Secret. */
  onChange: (change: Change) => void;
}>;

/** What came of one look at the Secret and the webhook configurations. */
export type Outcome = Readonly<{
  /** What to serve from now on; undefined where that stays as it is. */
  serve: Serving | undefined;
  /** Whether something was written, or was about to be: look again soon. */
  isUnsettled: boolean;
  /** What could not be done; undefined where all was. */
  problem: unknown;
}>;

/**
 * Takes one step towards certificates that all replicas agree on and all callers trust. One thing that fails does not
 * keep another from being done: a bundle is put back although the Secret cannot be written, and so on.
 *
 * @throws {SecretError} where the Secret cannot be read
 */
export async function reconcileCertificates(
  options: ReconcileOptions,
  serving: Serving | undefined,
): Promise<Outcome> {
  const problems: unknown[] = [];
  const attempt = <Result>(action: Promise<Result>): Promise<Result | undefined> =>
    action.catch((error: unknown) => {
      problems.push(error);
      return undefined;
    });

  // Before the Secret: whatever another publishes from a newer Secret than ours is then newer than this reading too,
  // and the API server refuses to have it overwritten.
  const configurations = await attempt(options.publisher.read());
  const { now, serverName, leafLifetimeMs, publicationLeadMs } = options;
  const secret = await options.store.read();
  const plan = planCertificates(secret.data, {
    now: now(),
    serverName,
    serving,
    published: configurations && readBundles(configurations),
    leafLifetimeMs,
    publicationLeadMs,
  });

  if (plan.change !== undefined) {
    const change = await attempt(writeChange(plan, plan.change, secret, options));
    if (change === 'written') {
      options.onChange(plan.change);
    }
    if (change !== undefined) {
      return { serve: undefined, isUnsettled: true, problem: problems[0] };
    }
  }
  const isPublishing =
    plan.bundle !== undefined && configurations !== undefined
      ? await attempt(options.publisher.publish(configurations, plan.bundle))
      : false;
  return { serve: plan.serve, isUnsettled: isPublishing === true, problem: problems[0] };
}

async function writeChange(
  { state }: Plan,
  change: Change,
  secret: StoredSecret,
  options: ReconcileOptions,
): Promise<'written' | 'overtaken'> {
  const issuing = { ...options, issuer: await options.loadIssuer(), now: options.now() };
  const changed = await applyChange(state, change, issuing);
  try {
    await options.store.replace(secret, writeState(changed, secret.data));
    return 'written';
  } catch (error) {
    if (error instanceof SecretConflictError) {
      return 'overtaken';
    }
    throw error;
  }
}

function readBundles(
  configurations: readonly WebhookConfiguration[],
): readonly (readonly X509Certificate[])[] {
  return configurations.flatMap(({ webhooks }) =>
    webhooks.map(({ caBundle }) => parseCertificates(caBundle)),
  );
}

import type { X509Certificate } from 'node:crypto';
import type { CaBundlePublisher, WebhookConfiguration } from '../../kubernetes/ca-bundle.ts';
import type { SecretStore, StoredSecret } from '../../kubernetes/secret-store.ts';
import type { CertificateAuthority, ServingCertificate } from '../certificate.ts';
import { planCertificates } from './plan.ts';
import { type CertificateState, parseCertificates, writeState } from './state.ts';
import type { Change, Retired, Served } from './trust.ts';

/** The functions of tls/issue.ts. */
export type Issuer = Pick<
  typeof import('../issue.ts'),
  'createCertificateAuthority' | 'issueServingCertificate'
>;

/** The properties of new certificates. */
type CertificateSettings = Readonly<{
  /** The DNS name that API servers verify. */
  serverName: string;
  authorityLifetimeMs: number;
  leafLifetimeMs: number;
}>;

export type ReconcileOptions = CertificateSettings &
  Readonly<{
    store: SecretStore;
    publisher: CaBundlePublisher;
    /** Called only when something is to be issued. */
    loadIssuer: () => Promise<Issuer>;
    publicationLeadMs: number;
    /** Milliseconds since the epoch. */
    now: () => number;
    /** A change was written to the Secret. */
    onChange: (change: Change) => void;
  }>;

/** The result of one reconciliation. */
export type Outcome = Readonly<{
  /** The certificate to serve from now on; undefined if it does not change. */
  serve: Served | undefined;
  /** Whether to reconcile again soon, because something was written, here or by another at the same time. */
  requeue: boolean;
  /** The first failure; undefined if everything succeeded. */
  problem: unknown;
}>;

/**
 * Takes one step towards certificates that all replicas agree on and all callers trust. A failure does not keep other
 * actions from being done: for example, the bundle is put back although the Secret cannot be written.
 *
 * @throws if the Secret cannot be read
 */
export async function reconcileCertificates(
  options: ReconcileOptions,
  serving: Served | undefined,
): Promise<Outcome> {
  const { store, publisher, serverName, leafLifetimeMs, publicationLeadMs, onChange } = options;
  const problems: unknown[] = [];
  const attempt = <Value>(action: Promise<Value>): Promise<Value | undefined> =>
    action.catch((error: unknown) => {
      problems.push(error);
      return undefined;
    });

  // Read before the Secret: a bundle that another replica publishes from a newer Secret is then newer than this
  // reading, and the API server rejects overwriting it.
  const configurations = await attempt(publisher.read());
  const secret = await store.read();
  const { state, change, bundle, serve } = planCertificates(secret.data, {
    now: options.now(),
    serverName,
    serving,
    published: configurations && readBundles(configurations),
    leafLifetimeMs,
    publicationLeadMs,
  });

  if (change !== undefined) {
    const written = await attempt(writeChange(state, change, secret, options));
    if (written === 'replaced') {
      onChange(change);
    }
    if (written !== undefined) {
      return { serve: undefined, requeue: true, problem: problems[0] };
    }
  }
  const hasPublished =
    bundle !== undefined && configurations !== undefined
      ? await attempt(publisher.publish(configurations, bundle))
      : false;
  return { serve, requeue: hasPublished === true, problem: problems[0] };
}

function readBundles(
  configurations: readonly WebhookConfiguration[],
): readonly (readonly X509Certificate[])[] {
  return configurations.flatMap(({ webhooks }) =>
    webhooks.map(({ caBundle }) => parseCertificates(caBundle)),
  );
}

async function writeChange(
  state: CertificateState,
  change: Change,
  secret: StoredSecret,
  options: ReconcileOptions,
): Promise<'replaced' | 'conflict'> {
  const issuer = await options.loadIssuer();
  const changed = await applyChange(state, change, { ...options, issuer, now: options.now() });
  return options.store.replace(secret, writeState(changed, secret.data));
}

type IssuingOptions = CertificateSettings &
  Readonly<{
    issuer: Issuer;
    /** Milliseconds since the epoch. */
    now: number;
  }>;

/** Issues the certificates that a change needs, and returns the state after it. */
export async function applyChange(
  state: CertificateState,
  change: Change,
  options: IssuingOptions,
): Promise<CertificateState> {
  switch (change.type) {
    case 'update':
      return change.state;
    case 'add-next':
      return { ...state, next: await createAuthority(options) };
    case 'renew-leaf':
      return { ...state, leaf: await issueLeaf(change.authority, options) };
    case 'promote':
      return replaceAuthority(change.authority, change.retired, options);
    case 'start-over':
      return replaceAuthority(await createAuthority(options), change.retired, options);
  }
}

async function replaceAuthority(
  current: CertificateAuthority,
  retired: Retired,
  options: IssuingOptions,
): Promise<CertificateState> {
  return { current, leaf: await issueLeaf(current, options), next: undefined, ...retired };
}

function createAuthority({
  issuer,
  now,
  authorityLifetimeMs,
}: IssuingOptions): Promise<CertificateAuthority> {
  // Each has its own name: if two of a bundle share one, verifiers have to try both keys.
  const name = `eci-ram-role-webhook ${crypto.randomUUID()}`;
  return issuer.createCertificateAuthority(name, authorityLifetimeMs, now);
}

function issueLeaf(
  authority: CertificateAuthority,
  { issuer, now, serverName, leafLifetimeMs }: IssuingOptions,
): Promise<ServingCertificate> {
  const lifetimeMs = Math.min(leafLifetimeMs, authority.certificate.validToDate.getTime() - now);
  return issuer.issueServingCertificate(authority, { dns: [serverName], ip: [] }, lifetimeMs, now);
}

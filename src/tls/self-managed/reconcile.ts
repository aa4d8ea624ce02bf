import { X509Certificate } from 'node:crypto';
import type { CaBundlePublisher } from '../../kubernetes/ca-bundle.ts';
import { SecretConflictError, type SecretStore, type StoredSecret } from '../../kubernetes/secret-store.ts';
import type { WebhookConfiguration } from '../../kubernetes/webhook-configuration.ts';
import type { CertificateAuthority } from '../issue.ts';
import { type Plan, planCertificates } from './plan.ts';
import { type Authority, type CertificateState, type Leaf, parseCertificates, writeState } from './state.ts';
import type { Change, Serving } from './trust.ts';

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

/** What makes certificates: src/tls/issue.ts, which is imported only once something is to be made. */
export type Issuer = Pick<
  typeof import('../issue.ts'),
  | 'createCertificateAuthority'
  | 'exportCertificateAuthority'
  | 'issueServingCertificate'
  | 'loadCertificateAuthority'
>;

/** What certificates shall be like. */
export type IssuingOptions = Readonly<{
  issuer: Issuer;
  /** Milliseconds since the epoch. */
  now: number;
  serverName: string;
  authorityLifetimeMs: number;
  leafLifetimeMs: number;
}>;

const DAY_MS = 86_400_000;

/** Makes what a change asks for, and gives the state that comes of it. */
export async function applyChange(
  state: CertificateState,
  change: Change,
  options: IssuingOptions,
): Promise<CertificateState> {
  switch (change.type) {
    case 'update':
      return change.state;
    case 'add-next':
      return { ...state, next: await makeAuthority(options) };
    case 'renew-leaf':
      return { ...state, leaf: await issueLeaf(change.authority, options) };
    case 'promote':
      return succeed(change.authority, change.retired, options);
    case 'start-over':
      return succeed(await makeAuthority(options), change.retired, options);
  }
}

async function succeed(
  current: Authority,
  retired: Pick<CertificateState, 'previous' | 'previousUntil'>,
  options: IssuingOptions,
): Promise<CertificateState> {
  return { current, leaf: await issueLeaf(current, options), next: undefined, ...retired };
}

async function makeAuthority({ issuer, now, authorityLifetimeMs }: IssuingOptions): Promise<Authority> {
  // A name of its own for each: where two of a bundle share one, verifiers have to try both keys.
  const name = `eci-ram-role-webhook ${crypto.randomUUID()}`;
  const made = await issuer.createCertificateAuthority(name, authorityLifetimeMs / DAY_MS, now);
  const { certificatePem, privateKeyPem } = await issuer.exportCertificateAuthority(made);
  return { certificate: new X509Certificate(certificatePem), privateKeyPem, publishedAt: undefined };
}

async function issueLeaf(authority: Authority, options: IssuingOptions): Promise<Leaf> {
  const { issuer, now, serverName, leafLifetimeMs } = options;
  const lifetimeMs = Math.min(leafLifetimeMs, authority.certificate.validToDate.getTime() - now);
  const { certificatePem, privateKeyPem } = await issuer.issueServingCertificate(
    await loadAuthority(authority, issuer),
    { dns: [serverName], ip: [] },
    lifetimeMs / DAY_MS,
    now,
  );
  return { certificate: new X509Certificate(certificatePem), privateKeyPem };
}

function loadAuthority(
  { certificate, privateKeyPem = '' }: Authority,
  issuer: Issuer,
): Promise<CertificateAuthority> {
  return issuer.loadCertificateAuthority(certificate.toString(), privateKeyPem);
}

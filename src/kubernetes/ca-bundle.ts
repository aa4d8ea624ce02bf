import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError } from './client.ts';
import { FIELD_MANAGER } from './resources.ts';
import { retryDelay } from './retry.ts';
import {
  buildBundlePatch,
  type Kind,
  parseConfiguration,
  pathOf,
  type WebhookConfiguration,
} from './webhook-configuration.ts';

/** A webhook configuration cannot be read or written; the message says which and why. */
export class CaBundleError extends Error {
  override name = 'CaBundleError';
}

/** Who is told of what happens to the CA bundle. */
export type CaBundleObserver = Readonly<{
  /** A configuration is not there, told once until it is; Helm makes them after the Deployment. */
  onAbsent: (configuration: string) => void;
  /** Somebody had changed a bundle, and it was put back. */
  onRestore: (configuration: string) => void;
}>;

export type CaBundlePublisher = Readonly<{
  /**
   * Reads both configurations of the name; one that does not exist is left out.
   *
   * @throws {CaBundleError}
   */
  read: () => Promise<readonly WebhookConfiguration[]>;
  /**
   * Has every webhook carry exactly the bundle. Writes only what differs, only what has not changed since it was read,
   * and ever more rarely where somebody else keeps changing it. Resolves to whether reading again would show something
   * else.
   *
   * @throws {CaBundleError} once both have been tried
   */
  publish: (configurations: readonly WebhookConfiguration[], bundle: string) => Promise<boolean>;
}>;

/** The CA bundle of the two webhook configurations of a name. Needs get and patch. */
export function createCaBundlePublisher(
  client: ApiClient,
  name: string,
  { now, observer }: Readonly<{ now: () => number; observer: CaBundleObserver }>,
): CaBundlePublisher {
  const absent = new Set<Kind>();
  const records = {
    MutatingWebhookConfiguration: createBundleRecord(now),
    ValidatingWebhookConfiguration: createBundleRecord(now),
  };

  const readOne = async (kind: Kind): Promise<readonly WebhookConfiguration[]> => {
    try {
      const configuration = parseConfiguration(kind, await client.call({ path: pathOf(kind, name) }));
      absent.delete(kind);
      return [configuration];
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        throw new CaBundleError(`${kind} ${name} cannot be read: ${errorMessage(error)}`);
      }
      if (!absent.has(kind)) {
        absent.add(kind);
        observer.onAbsent(`${kind} ${name}`);
      }
      return [];
    }
  };

  const publishOne = async (configuration: WebhookConfiguration, bundle: string): Promise<boolean> => {
    const { kind, webhooks } = configuration;
    const record = records[kind];
    if (webhooks.every(({ caBundle }) => caBundle === bundle)) {
      record.found(bundle);
      return false;
    }
    if (!record.mayWrite(bundle)) {
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
      throw new CaBundleError(`caBundle of ${kind} ${name} cannot be written: ${errorMessage(error)}`);
    }
    if (record.wrote(bundle).isRestored) {
      observer.onRestore(`${kind} ${name}`);
    }
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

/** Waits for all, and throws the first error in their order: a problem told shall not depend on who was faster. */
async function allInOrder<Result>(promises: readonly Promise<Result>[]): Promise<readonly Result[]> {
  await Promise.allSettled(promises);
  const results: Result[] = [];
  for (const promise of promises) {
    results.push(await promise);
  }
  return results;
}

const RESTORE_DELAY = { baseMs: 1_000, capMs: 30_000 };

/** What became of a bundle that was published: whether another undoes it, and when to put it back. */
export type BundleRecord = Readonly<{
  /** The bundle was there as it should be. */
  found: (bundle: string) => void;
  /** Whether it is time to write a bundle that was not there: at once, unless it was put back just before. */
  mayWrite: (bundle: string) => boolean;
  wrote: (bundle: string) => Readonly<{ isRestored: boolean }>;
}>;

/** @param now milliseconds since the epoch */
export function createBundleRecord(now: () => number): BundleRecord {
  let known: string | undefined;
  let restores = 0;
  let retryAt = 0;

  return {
    found: (bundle) => {
      known = bundle;
      if (now() >= retryAt) {
        restores = 0;
      }
    },
    mayWrite: (bundle) => bundle !== known || now() >= retryAt,
    wrote: (bundle) => {
      const isRestored = bundle === known;
      known = bundle;
      if (isRestored) {
        retryAt = now() + retryDelay(restores, RESTORE_DELAY);
        restores += 1;
      }
      return { isRestored };
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { Replica } from './replica.ts';
import type { Site } from './site.ts';

/** Calls that were made, and why some of them failed. */
export type Calls = Readonly<{ count: number; reviews: number; failures: readonly string[] }>;

export type Caller = Readonly<{
  /** What has been called so far. */
  calls: () => Calls;
  stop: () => Promise<Calls>;
}>;

/**
 * Calls the replicas in turn, trusting nothing but what webhooks said `lagMs` ago, as an API server does whose informer
 * is late; and has the API server itself call them. What a call takes while the API server is away does not count.
 */
export function startCaller(site: Site, replicas: readonly Replica[], lagMs: number): Caller {
  const history: { at: number; bundles: string[] }[] = [];
  const failures: string[] = [];
  let count = 0;
  let reviews = 0;
  let isRunning = true;

  const readOn = async () => {
    while (isRunning) {
      const bundles = await site.readBundles().catch(() => undefined);
      if (bundles !== undefined) {
        history.push({ at: performance.now(), bundles });
      }
      await delay(100);
    }
  };
  const callOn = async () => {
    while (isRunning) {
      const known = history.findLast(({ at }) => at <= performance.now() - lagMs) ?? history[0];
      const replica = replicas[count % replicas.length];
      const bundle = known?.bundles[Math.floor(count / replicas.length) % known.bundles.length];
      if (replica !== undefined && bundle !== undefined) {
        count += 1;
        const failure = await call(replica.port, bundle, site.serverName);
        if (failure !== undefined) {
          failures.push(`call ${count} of replica ${replicas.indexOf(replica)}: ${failure}`);
        }
      }
      await delay(20);
    }
  };
  const reviewOn = async () => {
    while (isRunning) {
      await site.createReviewedObject().then(
        () => {
          reviews += 1;
        },
        (error: unknown) => {
          if (String(error).includes('failed calling webhook')) {
            failures.push(`review ${reviews}: ${error}`);
          }
        },
      );
      await delay(50);
    }
  };

  const running = Promise.all([readOn(), callOn(), reviewOn()]);
  const calls = (): Calls => ({ count, reviews, failures });
  return {
    calls,
    stop: async () => {
      isRunning = false;
      await running;
      return calls();
    },
  };
}

/** Why a server is not trusted under a name, undefined where it is. */
export function call(port: number, ca: string, servername: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ca, servername });
    socket.once('secureConnect', () => {
      resolve(undefined);
      socket.destroy();
    });
    socket.once('error', (error) => resolve(error.message));
  });
}

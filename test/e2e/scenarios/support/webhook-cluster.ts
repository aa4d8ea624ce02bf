import { join } from 'node:path';
import type { ImageMap } from '../../harness/node-agent/image-map.ts';
import { runHelm } from '../../harness/run-helm.ts';
import { type Cluster, startCluster } from '../../harness/start-cluster.ts';
import { webhookImage } from './webhook-image.ts';

export const CHART = join(import.meta.dirname, '../../../../charts/eci-ram-role-webhook');
export const RELEASE = 'eci-ram-role-webhook';
export const NAMESPACE = 'eci-ram-role-system';

/** Values that keep a scenario short: nothing forgets endpoints slowly here. */
const SHORT = { drainDelaySeconds: 1 };

export type HelmVersion = 'helm3' | 'helm4';

/** A cluster, and Helm to install the chart of the working tree into it. */
export type WebhookCluster = Cluster &
  Readonly<{
    images: ImageMap;
    /** Runs Helm in the release's namespace and returns what it printed; throws, with that, on any exit code but 0. */
    helm: (...args: readonly string[]) => Promise<string>;
    /** `helm upgrade --install --wait` of the chart; values as Helm takes them, nested. */
    install: (values?: object) => Promise<string>;
    /** What there was when this scenario got the cluster, where it shares it: see acquireCluster. */
    earlier?: Readonly<{
      auditEvents: number;
      /** By the name of the replica. */
      replicas: ReadonlyMap<string, Readonly<{ logLines: number; metrics: string }>>;
    }>;
  }>;

/** Starts a cluster without the chart. */
export async function startBareCluster(helmVersion: HelmVersion = 'helm4'): Promise<WebhookCluster> {
  const images: ImageMap = { '*eci-ram-role-webhook:*': webhookImage() };
  const cluster = await startCluster({ images });
  const helm = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runHelm(cluster.controlPlane, helmVersion, [
      ...args,
      '--namespace',
      NAMESPACE,
    ]);
    if (code !== 0) {
      throw new Error(`helm ${args.join(' ')} ended with code ${code}: ${stdout}${stderr}`);
    }
    return stdout;
  };
  return {
    ...cluster,
    images,
    helm,
    install: (values = {}) =>
      helm(
        ...['upgrade', '--install', RELEASE, CHART, '--create-namespace', '--wait', '--timeout=60s'],
        ...toFlags({ ...SHORT, ...values }),
      ),
  };
}

/** Starts a cluster with the chart installed. */
export async function startWebhookCluster(values: object = {}): Promise<WebhookCluster> {
  const cluster = await startBareCluster();
  try {
    await cluster.install(values);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function toFlags(values: object): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    '--set-json',
    `${name}=${JSON.stringify(value)}`,
  ]);
}

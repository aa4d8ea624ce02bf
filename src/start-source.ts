import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { NAMESPACE_WITHOUT_LABELS, type NamespaceFacts } from './admission/decide.ts';
import type { BoundPodFacts } from './admission/decide-binding.ts';
import { ROLE_ANNOTATION } from './admission/role-annotation.ts';
import type { SourceConfig } from './config/config.ts';
import { errorMessage } from './files/error-message.ts';
import type { ApiClient } from './kubernetes/api-client.ts';
import { readPodAnnotations } from './kubernetes/read-annotations.ts';
import type { PolicyMetrics } from './observability/policy-metrics.ts';
import { createWatchMetrics } from './observability/watch-metrics.ts';
import type { Labels } from './policy/label-selector.ts';
import type { Policy, PolicySettings } from './policy/policy.ts';
import { startCrdCheck } from './sources/check-crd.ts';
import { startClusterSource } from './sources/cluster.ts';
import { loadFileSource } from './sources/file.ts';
import type { Snapshot } from './sources/snapshot.ts';

/** Where allowlists come from, whatever that is. */
export type AllowlistSource = Readonly<{
  /** Resolves to the first snapshot; without it nothing can be decided. */
  first: Promise<Snapshot>;
  /** Tells of later ones; asked once, after the first. */
  watch: (onSnapshot: (snapshot: Snapshot) => void) => void;
  /** What is known of the namespace of a request. */
  gatherNamespace: (namespace: string) => NamespaceFacts | Promise<NamespaceFacts>;
  /** The role that a pod of the cluster names. */
  gatherBoundPod: (namespace: string, name: string) => Promise<BoundPodFacts>;
  /** The namespaces that there are, with their labels; undefined where the source knows none. */
  knownNamespaces: () => ReadonlyMap<string, Labels> | undefined;
  /** What an operator should know of the source. */
  notes: () => readonly string[];
  close: () => void;
}>;

/** What a source is started with. */
export type SourceParts = Readonly<{
  settings: PolicySettings;
  getPolicy: () => Policy;
  /** Gives the client of the API server; not called where none is needed. */
  connect: () => Promise<ApiClient>;
  policyMetrics: PolicyMetrics;
  registry: Registry;
  logger: Logger;
}>;

/**
 * Starts the source that the configuration names.
 *
 * @throws {AllowlistFilesError | ConnectionError} where it cannot even begin
 */
export async function startSource(config: SourceConfig, parts: SourceParts): Promise<AllowlistSource> {
  return config.kind === 'file' ? startFiles(config.allowlists, parts) : startCluster(parts);
}

function startFiles(path: string, { settings, policyMetrics, logger }: SourceParts): AllowlistSource {
  const source = loadFileSource(path, settings.protectedRoles);
  let watch: ReturnType<typeof source.watch> | undefined;
  return {
    first: Promise.resolve({ allowlists: source.first, invalid: [] }),
    watch: (onSnapshot) => {
      watch = source.watch({
        onAllowlists: (allowlists) => onSnapshot({ allowlists, invalid: [] }),
        onProblems: (problems) => {
          policyMetrics.countReloadFailure();
          logger.error({ problems }, 'allowlists not reloaded: the last good ones stay in force');
        },
      });
    },
    gatherNamespace: () => NAMESPACE_WITHOUT_LABELS,
    gatherBoundPod: async () => ({
      problem: 'without the cluster as a source, what the pod names is not known',
    }),
    knownNamespaces: () => undefined,
    notes: () => [],
    close: () => watch?.close(),
  };
}

async function startCluster({ connect, getPolicy, registry, logger }: SourceParts): Promise<AllowlistSource> {
  const client = await connect();
  const metrics = createWatchMetrics(registry);
  const crdCheck = startCrdCheck(client, metrics.recordCrdOutdated, logger);
  const source = startClusterSource({
    client,
    getPolicy,
    observer: {
      onContact: metrics.recordContact,
      onRestart: (reason, message) => {
        metrics.countRestart(reason);
        logger.warn({ reason, problem: message }, 'watch of the API server begun anew');
      },
    },
    logger,
  });
  source.first.then(metrics.recordSynced);

  return {
    first: source.first,
    watch: source.watch,
    gatherBoundPod: async (namespace, name) => {
      try {
        return { role: (await readPodAnnotations(client, namespace, name)).get(ROLE_ANNOTATION) };
      } catch (error) {
        return { problem: `what the pod names could not be read (${errorMessage(error)}), try again` };
      }
    },
    gatherNamespace: (namespace) => {
      const labels = source.labelsOf(namespace);
      return labels instanceof Promise ? labels.then((labels) => ({ labels })) : { labels };
    },
    knownNamespaces: () => source.namespaces,
    notes: crdCheck.notes,
    close: () => {
      crdCheck.close();
      source.close();
    },
  };
}

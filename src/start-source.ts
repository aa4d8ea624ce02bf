import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ROLE_ANNOTATION } from './admission/role-annotation.ts';
import type { AdmissionDeps } from './admission/route.ts';
import type { SourceConfig } from './config/config.ts';
import type { ApiClient } from './kubernetes/client.ts';
import { readPodAnnotations } from './kubernetes/object.ts';
import type { PolicyMetrics } from './observability/policy-metrics.ts';
import { createWatchMetrics } from './observability/watch-metrics.ts';
import type { Labels } from './policy/label-selector.ts';
import type { Policy, PolicySettings } from './policy/policy.ts';
import { startCrdCheck } from './sources/cluster/crd-check.ts';
import { startClusterSource } from './sources/cluster/source.ts';
import { loadFileSource } from './sources/files/source.ts';
import type { Snapshot } from './sources/source.ts';
import { errorMessage } from './text/printable.ts';
import { failure, success } from './text/problem.ts';

/** All that is known of any namespace if allowlists come from files. */
const NO_LABELS: Labels = new Map();

/** Where allowlists come from, whatever that is. */
export type AllowlistSource = Pick<AdmissionDeps, 'getNamespaceLabels' | 'getNamespaces' | 'getPodRole'> &
  Readonly<{
    /** Resolves to the first snapshot; without it nothing can be decided. */
    first: Promise<Snapshot>;
    /** Tells of later ones; asked once, after the first. */
    watch: (onSnapshot: (snapshot: Snapshot) => void) => void;
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
    getNamespaceLabels: () => NO_LABELS,
    getPodRole: async () => failure('the server runs with --source=file and cannot read pods'),
    getNamespaces: () => undefined,
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
      onHeartbeat: metrics.recordHeartbeat,
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
    getPodRole: async (namespace, name) => {
      try {
        return success((await readPodAnnotations(client, namespace, name)).get(ROLE_ANNOTATION));
      } catch (error) {
        return failure(`the pod's role could not be read (${errorMessage(error)}), try again`);
      }
    },
    getNamespaceLabels: source.labelsOf,
    getNamespaces: () => source.namespaces,
    notes: crdCheck.notes,
    close: () => {
      crdCheck.close();
      source.close();
    },
  };
}

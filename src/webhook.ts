import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { startCertificates } from './certificates.ts';
import type { Config } from './config/config.ts';
import { serveAdmission } from './http/admission-server.ts';
import { createHttpsServer, drain, listen } from './http/https-server.ts';
import { createProbeServer, type ReadinessCheck } from './http/probe-server.ts';
import { type InstallationCheck, startInstallationCheck } from './installation/check.ts';
import { type ApiClient, createApiClient, type ServerClock } from './kubernetes/client.ts';
import { type ClockCheck, startClockCheck } from './kubernetes/clock.ts';
import { readConnection } from './kubernetes/connection.ts';
import { createAdmissionMetrics } from './observability/admission-metrics.ts';
import { createMetricsRenderer, registerDefaultMetrics } from './observability/metrics.ts';
import { createPolicyMetrics, createWatchMetrics } from './observability/policy-metrics.ts';
import {
  createCertificateMetrics,
  createInstallationMetrics,
  createReadinessMetric,
} from './observability/server-metrics.ts';
import { createPolicyStore } from './policy-store.ts';
import { createRoutes, DECISIONS } from './routes.ts';
import { startClusterSource } from './sources/cluster/source.ts';
import { startFileSource } from './sources/files/source.ts';
import type { AllowlistSource, SourceChanges } from './sources/source.ts';

/** A webhook that listens on both ports. */
export type Webhook = Readonly<{
  securePort: number;
  probePort: number;
  /** Reports unready at once, still answers for the drain delay, and resolves when both ports are closed. */
  stop: () => Promise<void>;
}>;

/**
 * Puts the webhook together and starts it. Resolves when it can decide; until then `/readyz` on the probe port reports
 * the parts that are missing.
 *
 * @throws {UsableError} if it cannot start
 */
export async function startWebhook(config: Config, logger: Logger): Promise<Webhook> {
  const { bindAddress: address, settings } = config;
  let client: Promise<ApiClient & ServerClock> | undefined;
  let clockCheck: ClockCheck | undefined;
  const registry = new Registry();
  registerDefaultMetrics(registry);

  const policyMetrics = createPolicyMetrics(registry);
  const policyStore = createPolicyStore(settings, policyMetrics, logger);
  const source = await startSource();
  const installation = await startCheck();

  const admissionMetrics = createAdmissionMetrics(registry, {
    decisions: DECISIONS,
    getPolicy: () => policyStore.policy,
    getNamespaces: source.getNamespaces,
  });
  const certificateMetrics = createCertificateMetrics(registry);
  let hasCertificate = false;
  let isListening = false;
  let isStopping = false;
  const checks: readonly ReadinessCheck[] = [
    { name: 'certificate', failure: () => (hasCertificate ? undefined : 'no serving certificate yet') },
    { name: 'allowlists', failure: () => (policyStore.hasAllowlists() ? undefined : 'not read yet') },
    { name: 'listening', failure: () => (isListening ? undefined : 'the secure port is not open yet') },
    { name: 'shutdown', failure: () => (isStopping ? 'the server is stopping' : undefined) },
  ];
  createReadinessMetric(registry, () => checks.every(({ failure }) => failure() === undefined));
  const probe = await createProbeServer({
    checks,
    notes: () => [
      ...policyStore.notes(),
      ...source.notes(),
      ...(installation?.notes() ?? []),
      ...(clockCheck?.notes() ?? []),
    ],
    renderMetrics: createMetricsRenderer(registry),
    metricsContentType: registry.contentType,
    countRejected: admissionMetrics.countRejected,
    logger,
  });
  const probePort = await listen(probe.server, { address, port: config.probePort, flag: 'probe-port' });

  const [certificates] = await Promise.all([
    startCertificates({ tls: config.tls, getClient, metrics: certificateMetrics, logger }).then((started) => {
      hasCertificate = true;
      return started;
    }),
    source.first.then(useChanges),
  ]);
  source.watch(useChanges);
  const httpsServer = createHttpsServer(certificates.first);
  const gate = await serveAdmission({
    server: httpsServer,
    routes: createRoutes({ ...source, getPolicy: () => policyStore.policy, now: Date.now }, config),
    observer: admissionMetrics,
    logger,
  });
  const securePort = await listen(httpsServer, { address, port: config.securePort, flag: 'secure-port' });
  isListening = true;

  // For example, too little memory. Without a listener, one failed connection would end the process.
  const onAcceptError = (error: Error) => logger.error({ err: error }, 'connection not accepted');
  httpsServer.on('error', onAcceptError);
  probe.server.on('error', onAcceptError);
  certificates.keepUpToDate(httpsServer);

  const allowlists = policyStore.policy.allowlists.size;
  const where = {
    source: config.source.kind,
    ...('allowlists' in config.source && { path: config.source.allowlists }),
  };
  logger.info({ address: address ?? 'all', securePort, probePort, ...where, allowlists }, 'ready');
  return {
    securePort,
    probePort,
    stop: async () => {
      isStopping = true;
      source.endReports();
      await drain(httpsServer, gate, config.drainDelayMs);
      certificates.close();
      source.close();
      installation?.close();
      clockCheck?.close();
      await drain(probe.server, probe.gate, 0);
    },
  };

  /** All parts share one client; files alone need none. */
  function getClient(): Promise<ApiClient & ServerClock> {
    client ??= readConnection(config.kubeconfig).then((connect) => {
      const created = createApiClient(connect);
      clockCheck = startClockCheck(created, logger);
      return created;
    });
    return client;
  }

  async function startSource(): Promise<AllowlistSource> {
    if (config.source.kind === 'cluster') {
      return startClusterSource({
        client: await getClient(),
        observer: createWatchMetrics(registry),
        logger,
        bounds: config.bounds,
      });
    }
    return startFileSource(config.source.allowlists, {
      protectedRoles: settings.protectedRoles,
      onProblems: (problems) => {
        policyMetrics.countReloadFailure();
        logger.error({ problems }, 'allowlists not reloaded: the last good ones stay in force');
      },
      onOtherKinds: (kinds) =>
        logger.info({ kinds: Object.fromEntries(kinds) }, 'objects of other kinds ignored'),
    });
  }

  async function startCheck(): Promise<InstallationCheck | undefined> {
    const { installationFile: file } = config;
    return file === undefined
      ? undefined
      : startInstallationCheck({
          ...{ file, logger, client: await getClient() },
          observer: createInstallationMetrics(registry),
        });
  }

  function useChanges(changes: SourceChanges): void {
    policyStore.apply(changes);
    policyMetrics.recordReload();
    source.report(policyStore.policy);
  }
}

import type { Server } from 'node:https';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Config, TlsConfig } from './config/config.ts';
import { serveAdmission } from './http/admission-server.ts';
import { createHttpsServer, drain, listen, replaceCertificate } from './http/https-server.ts';
import { createProbeServer } from './http/probe-server.ts';
import { type ApiClient, createApiClient, readConnection } from './kubernetes/client.ts';
import { createAdmissionMetrics } from './observability/admission-metrics.ts';
import {
  type CertificateMetrics,
  createCaBundleMetrics,
  createCertificateMetrics,
} from './observability/certificate-metrics.ts';
import { createPolicyMetrics } from './observability/policy-metrics.ts';
import { createWatchMetrics } from './observability/watch-metrics.ts';
import { createPolicyStore } from './policy-store.ts';
import { createRoutes } from './routes.ts';
import { startClusterSource } from './sources/cluster/source.ts';
import { startFileSource } from './sources/files/source.ts';
import type { AllowlistSource, Snapshot } from './sources/source.ts';
import {
  type CertificateFiles,
  type CertificateListener,
  loadCertificateFiles,
} from './tls/certificate-files.ts';

/** A webhook that listens. */
export type Webhook = Readonly<{
  securePort: number;
  probePort: number;
  /** Unready at once, then answers on for the drain delay, then resolves when both ports are closed. */
  stop: () => Promise<void>;
}>;

/**
 * Puts the webhook together and starts it. Resolves once it can decide; the probe port answers before that, and says
 * what is still missing.
 *
 * @throws {CertificateError | AllowlistFilesError | ConnectionError | ListenError} where it cannot start, with a message
 *   for the operator
 */
export async function startWebhook(config: Config, logger: Logger): Promise<Webhook> {
  const { bindAddress: address, settings } = config;
  const connect = async () => createApiClient(await readConnection(config.kubeconfig));
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  const policyMetrics = createPolicyMetrics(registry);
  const policyStore = createPolicyStore(settings, policyMetrics, logger);
  const source = await startSource();

  const certificateMetrics = createCertificateMetrics(registry);
  let hasCertificate = false;
  let isListening = false;
  let isStopping = false;
  const probe = await createProbeServer({
    checks: [
      { name: 'certificate', failure: () => (hasCertificate ? undefined : 'no serving certificate yet') },
      { name: 'allowlists', failure: () => (policyStore.hasSnapshot() ? undefined : 'not read yet') },
      { name: 'listening', failure: () => (isListening ? undefined : 'the secure port is not open yet') },
      { name: 'shutdown', failure: () => (isStopping ? 'the server is stopping' : undefined) },
    ],
    notes: () => [...policyStore.notes(), ...source.notes()],
    renderMetrics: () => registry.metrics(),
    metricsContentType: registry.contentType,
  });
  const probePort = await listen(probe.server, { address, port: config.probePort, flag: 'probe-port' });

  const [certificate] = await Promise.all([
    startCertificate(config.tls, { connect, registry, logger }).then((certificate) => {
      certificateMetrics.recordExpiry(certificate.first.expiresAt);
      hasCertificate = true;
      return certificate;
    }),
    source.first.then(useSnapshot),
  ]);
  source.watch(useSnapshot);
  const httpsServer = createHttpsServer(certificate.first);
  const connections = await serveAdmission({
    server: httpsServer,
    routes: createRoutes({ ...source, getPolicy: policyStore.get, now: Date.now }, config),
    observer: createAdmissionMetrics(registry),
    logger,
  });
  const securePort = await listen(httpsServer, { address, port: config.securePort, flag: 'secure-port' });
  isListening = true;

  // Such as a want of memory. Without a listener one connection that fails would end the process.
  const onAcceptError = (error: Error) => logger.error({ err: error }, 'connection not accepted');
  httpsServer.on('error', onAcceptError);
  probe.server.on('error', onAcceptError);
  const certificateWatch = certificate.watch(useCertificates(httpsServer, certificateMetrics, logger));

  logger.info({ address: address ?? 'all', securePort, probePort, source: config.source.kind }, 'ready');
  return {
    securePort,
    probePort,
    stop: async () => {
      isStopping = true;
      await drain(httpsServer, connections, config.drainDelayMs);
      certificateWatch.close();
      source.close();
      await drain(probe.server, probe.connections, 0);
    },
  };

  async function startSource(): Promise<AllowlistSource> {
    if (config.source.kind === 'cluster') {
      return startClusterSource({ client: await connect(), observer: createWatchMetrics(registry), logger });
    }
    return startFileSource(config.source.allowlists, {
      protectedRoles: settings.protectedRoles,
      onProblems: (problems) => {
        policyMetrics.countReloadFailure();
        logger.error({ problems }, 'allowlists not reloaded: the last good ones stay in force');
      },
    });
  }

  function useSnapshot(snapshot: Snapshot): void {
    source.report(policyStore.replace(snapshot));
  }
}

function useCertificates(server: Server, metrics: CertificateMetrics, logger: Logger): CertificateListener {
  return {
    onCertificate: (pair) => {
      replaceCertificate(server, pair);
      metrics.recordExpiry(pair.expiresAt);
      logger.info({ expiresAt: pair.expiresAt }, 'serving certificate reloaded');
    },
    onProblem: (problem) => {
      metrics.countReloadFailure();
      logger.error({ problem }, 'serving certificate not reloaded: the last good one stays in use');
    },
  };
}

/** What the certificate is started with. */
export type CertificateParts = Readonly<{
  /** Gives the client of the API server; not called where none is needed. */
  connect: () => Promise<ApiClient>;
  registry: Registry;
  logger: Logger;
}>;

/**
 * Gets the serving certificate from where the configuration says; a self-managed one may take as long as the API server
 * is away.
 *
 * @throws {CertificateError} where files cannot be used; {ConnectionError}
 */
export async function startCertificate(
  config: TlsConfig,
  { connect, registry, logger }: CertificateParts,
): Promise<CertificateFiles> {
  if (config.mode === 'files') {
    return loadCertificateFiles(config);
  }
  // Imported only where it is needed: what issues certificates takes memory and time to load.
  const { startSelfManagedCertificate } = await import('./tls/self-managed/start.ts');
  return startSelfManagedCertificate(
    { ...config, client: await connect() },
    { logger, countBundleRestore: createCaBundleMetrics(registry).countRestore },
  );
}

import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Config } from './config.ts';
import { serveAdmission } from './http/admission-server.ts';
import { drain } from './http/drain.ts';
import { createHttpsServer, replaceCertificate } from './http/https-server.ts';
import { listen } from './http/listen.ts';
import { createProbeServer } from './http/probe-server.ts';
import { createAdmissionMetrics } from './observability/admission-metrics.ts';
import { createCertificateMetrics } from './observability/certificate-metrics.ts';
import { createPolicyMetrics } from './observability/policy-metrics.ts';
import { createPolicyStore } from './policy-store.ts';
import { loadFileSource } from './sources/file.ts';
import { loadCertificateFiles } from './tls/certificate-files.ts';

/** A webhook that listens. */
export type Webhook = Readonly<{
  securePort: number;
  probePort: number;
  /** Unready at once, then answers on for the drain delay, then resolves when both ports are closed. */
  stop: () => Promise<void>;
}>;

/**
 * Puts the webhook together and starts it.
 *
 * @throws {CertificateError | AllowlistFilesError | ListenError} where it cannot start, with a message for the operator
 */
export async function startWebhook(config: Config, logger: Logger): Promise<Webhook> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  const certificateMetrics = createCertificateMetrics(registry);
  const certificate = loadCertificateFiles(config);
  certificateMetrics.recordExpiry(certificate.first.expiresAt);

  const policyMetrics = createPolicyMetrics(registry);
  const source = loadFileSource(config.allowlists, config.settings.protectedRoles);
  const policyStore = createPolicyStore(source.first, config.settings, policyMetrics, logger);

  let isStopping = false;
  const server = createHttpsServer(certificate.first);
  const connections = await serveAdmission({
    server,
    getPolicy: policyStore.get,
    observer: createAdmissionMetrics(registry),
    logger,
  });
  const probe = await createProbeServer({
    // The certificate and the first allowlists are loaded before either port is listened on.
    checks: [
      { name: 'certificate', failure: () => undefined },
      { name: 'allowlists', failure: () => undefined },
      { name: 'shutdown', failure: () => (isStopping ? 'the server is stopping' : undefined) },
    ],
    notes: policyStore.notes,
    renderMetrics: () => registry.metrics(),
    metricsContentType: registry.contentType,
  });

  const { bindAddress: address } = config;
  const securePort = await listen(server, { address, port: config.securePort, flag: 'secure-port' });
  const probePort = await listen(probe.server, { address, port: config.probePort, flag: 'probe-port' });

  // Such as a want of memory. Without a listener one connection that fails would end the process.
  const onAcceptError = (error: Error) => logger.error({ err: error }, 'connection not accepted');
  server.on('error', onAcceptError);
  probe.server.on('error', onAcceptError);

  const certificateWatch = certificate.watch({
    onCertificate: (pair) => {
      replaceCertificate(server, pair);
      certificateMetrics.recordExpiry(pair.expiresAt);
      logger.info({ expiresAt: pair.expiresAt }, 'serving certificate reloaded');
    },
    onProblem: (problem) => {
      certificateMetrics.countReloadFailure();
      logger.error({ problem }, 'serving certificate not reloaded: the last good one stays in use');
    },
  });
  const sourceWatch = source.watch({
    onAllowlists: policyStore.replace,
    onProblems: (problems) => {
      policyMetrics.countReloadFailure();
      logger.error({ problems }, 'allowlists not reloaded: the last good ones stay in force');
    },
  });

  logger.info({ address: address ?? 'all', securePort, probePort, allowlists: source.first.length }, 'ready');
  return {
    securePort,
    probePort,
    stop: async () => {
      isStopping = true;
      await drain(server, connections, config.drainDelayMs);
      certificateWatch.close();
      sourceWatch.close();
      await drain(probe.server, probe.connections, 0);
    },
  };
}

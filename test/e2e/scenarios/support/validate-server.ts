import { once } from 'node:events';
import { createServer } from 'node:https';
import { pino } from 'pino';
import type { AdmissionDeps } from '../../../../src/admission/route.ts';
import { serveAdmission } from '../../../../src/http/admission-server.ts';
import type { Policy } from '../../../../src/policy/policy.ts';
import { createRoutes } from '../../../../src/routes.ts';
import type { ControlPlane } from '../../harness/control-plane.ts';

const PORT = 9443;
const OBSERVER = {
  countDecision: () => undefined,
  countBreakGlass: () => undefined,
  countRejected: () => undefined,
  requestStarted: () => undefined,
  requestEnded: () => undefined,
};

/** Serves `/validate-pods` in this process, under whatever policy there is now, to pods with a label and to no others. */
export async function startValidateServer(
  { addresses, authority, client }: ControlPlane,
  matchLabels: Readonly<Record<string, string>>,
  getPolicy: () => Policy,
  getNamespaceLabels: AdmissionDeps['getNamespaceLabels'],
): Promise<() => Promise<void>> {
  const host = addresses.takeNodeAddress();
  const issued = await authority.issue({ commonName: 'validate', addresses: [host] });
  const server = createServer({ key: issued.privateKey, cert: issued.certificate });
  await serveAdmission({
    server,
    routes: createRoutes(
      {
        getPolicy,
        now: Date.now,
        getNamespaceLabels,
        getPodRole: () => Promise.reject(new Error('no Binding is asked about')),
        getNamespaces: () => undefined,
        findExceededBound: () => undefined,
      },
      { workloadsAction: 'Off', injectorsAction: 'Off', excludedNamespaces: [], unmutatedNamespaces: [] },
    ),
    observer: OBSERVER,
    logger: pino({ level: 'silent' }),
  });
  server.listen({ host, port: PORT, exclusive: true });
  await once(server, 'listening');

  await client.send('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
    metadata: { name: 'validate' },
    webhooks: [
      {
        name: 'validate-pods.eci-ram-role.io',
        clientConfig: {
          url: `https://${host}:${PORT}/validate-pods`,
          caBundle: Buffer.from(authority.certificate).toString('base64'),
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        objectSelector: { matchLabels },
        ...{ failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'] },
      },
    ],
  });
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
}

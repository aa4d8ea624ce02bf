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

/**
 * Serves `/mutate-pods` and `/validate-pods` in this process, under whatever policy there is now, to pods with a label and to
 * no others.
 */
export async function startPodServer(
  { addresses, authority, client }: ControlPlane,
  { mutated, validated }: Readonly<Record<'mutated' | 'validated', Readonly<Record<string, string>>>>,
  getPolicy: () => Policy,
  getNamespaceLabels: AdmissionDeps['getNamespaceLabels'],
): Promise<() => Promise<void>> {
  const host = addresses.takeNodeAddress();
  const issued = await authority.issue({ commonName: 'pods', addresses: [host] });
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
      {
        workloadsAction: 'Off',
        injectorsAction: 'Off',
        excludedNamespaces: [],
        unmutatedNamespaces: [],
        ownMetadataKinds: [],
      },
    ),
    observer: OBSERVER,
    logger: pino({ level: 'silent' }),
  });
  server.listen({ host, port: PORT, exclusive: true });
  await once(server, 'listening');

  for (const phase of ['mutate', 'validate'] as const) {
    const kind = phase === 'mutate' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
    await client.send('POST', `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`, {
      ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'pods' } },
      webhooks: [
        {
          name: `${phase}-pods.eci-ram-role.io`,
          clientConfig: {
            url: `https://${host}:${PORT}/${phase}-pods`,
            caBundle: Buffer.from(authority.certificate).toString('base64'),
          },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
          objectSelector: { matchLabels: phase === 'mutate' ? mutated : validated },
          ...{ failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'] },
        },
      ],
    });
  }
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
}

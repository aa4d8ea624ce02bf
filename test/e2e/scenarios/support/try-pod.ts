import { Agent, request } from 'node:https';
import type { ControlPlane } from '../../harness/control-plane.ts';
import { ROLE_ANNOTATION } from './manifests.ts';

/** What the API server answers to the creation of a pod. */
export type PodAnswer = Readonly<{
  accepted: boolean;
  /** Why it is refused; empty where it is accepted. */
  message: string;
  warnings: readonly string[];
  /** The role that the pod names in the end; undefined where it is refused, or names none. */
  role: string | undefined;
  /** By which the audit log knows the request. */
  auditId: string;
}>;

export type PodTrier = Readonly<{
  tryPod: (namespace: string, pod: unknown) => Promise<PodAnswer>;
  close: () => void;
}>;

/** Creates pods in a dry run and as they are given, however odd: nothing of them is read on this side. */
export function createPodTrier({ apiServerUrl, authority, adminToken }: ControlPlane): PodTrier {
  const agent = new Agent({ ca: authority.certificate, keepAlive: true });
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  return {
    tryPod: (namespace, pod) =>
      new Promise((resolve, reject) => {
        const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?dryRun=All`;
        const outgoing = request(
          new URL(path, apiServerUrl),
          { method: 'POST', agent, headers },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (part: string) => {
              text += part;
            });
            response.on('end', () => {
              const accepted = response.statusCode === 201;
              const { message, metadata } = JSON.parse(text);
              const role = accepted ? metadata.annotations?.[ROLE_ANNOTATION] : undefined;
              const warnings = (response.headersDistinct['warning'] ?? []).map(unquote);
              const auditId = String(response.headers['audit-id']);
              resolve({ accepted, message: accepted ? '' : String(message), warnings, role, auditId });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(JSON.stringify(pod));
      }),
    close: () => agent.destroy(),
  };
}

/** A warning is `299 - "text"`. */
function unquote(warning: string): string {
  return warning.replace(/^299 \S+ "(.*)"$/s, '$1').replaceAll(/\\(.)/gs, '$1');
}

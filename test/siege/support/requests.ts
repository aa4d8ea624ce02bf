import { podReview } from '../../builders/pod-review.ts';

/** Every path of the admission port. */
export const PATHS = [
  '/mutate-pods',
  '/validate-pods',
  '/validate-bindings',
  '/validate-workloads',
  '/validate-injectors',
  '/validate-allowlists',
] as const;

/** The head of a request that declares a body of some bytes. */
export function headOf(path: string, bytes: number): string {
  return `POST ${path}?timeout=3s HTTP/1.1\r\nHost: webhook\r\nUser-Agent: kube-apiserver-admission\r\nContent-Length: ${bytes}\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n`;
}

/** A whole request, as the API server writes it. */
export function requestOf(path: string, body: string): Buffer {
  return Buffer.from(headOf(path, Buffer.byteLength(body)) + body);
}

/** A whole request that carries no body. */
export function getOf(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: webhook\r\n\r\n`);
}

/** The review of a pod that names a role. */
export function podBody(role = 'payments-reader', spec: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify(podReview({ role, spec }));
}

/** The review of a Binding that repeats the role of its pod. */
export function bindingBody(podName: string, role = 'payments-reader', namespace = 'payments'): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      namespace,
      name: podName,
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'binding',
      object: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: podName, namespace, annotations: { 'k8s.aliyun.com/eci-ram-role-name': role } },
        target: { kind: 'Node', name: 'virtual-node' },
      },
    },
  });
}

/** The review of an edit of ConfigMap eci-profile; the text is what stands between the quotes of its selectors, as it is in JSON. */
export function selectorsBody(text: string): string {
  return fill(
    {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'uid-1',
        namespace: 'kube-system',
        name: 'eci-profile',
        operation: 'CREATE',
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        object: { metadata: { name: 'eci-profile', namespace: 'kube-system' }, data: { selectors: HERE } },
      },
    },
    `"${text}"`,
  );
}

/** The review of the creation of an allowlist whose spec or annotations are given. */
export function allowlistBody(spec: object, annotations: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify(allowlistReview(spec, annotations));
}

/** The same with a last-applied annotation, given as it stands between its quotes in JSON. */
export function lastAppliedBody(text: string): string {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': HERE };
  return fill(
    allowlistReview({ namespaces: ['payments'], roles: ['payments-reader'] }, annotations),
    `"${text}"`,
  );
}

/** A review of a pod with this JSON somewhere in its spec, sent to any path. */
export function bodyAround(json: string): string {
  return fill(podReview({ spec: { value: HERE } }), json);
}

const HERE = 'to be filled';

/** Large texts are put in as they are: to escape them first takes as much memory again. */
function fill(value: object, json: string): string {
  return JSON.stringify(value).split(`"${HERE}"`).join(json);
}

function allowlistReview(spec: object, annotations: Readonly<Record<string, string>>) {
  const metadata = { name: 'attack', annotations };
  const object = { apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist', metadata, spec };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      name: 'attack',
      operation: 'CREATE',
      kind: { group: 'eci-ram-role.io', version: 'v1alpha1', kind: 'RamRoleAllowlist' },
      resource: { group: 'eci-ram-role.io', version: 'v1alpha1', resource: 'ramroleallowlists' },
      object,
    },
  };
}

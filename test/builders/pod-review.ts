/** An AdmissionReview of a pod's creation; what is given stands in place of what is usual. */
export function podReview({
  uid = 'uid-1',
  namespace = 'payments',
  role = 'payments-reader',
  metadata = {},
  spec = {},
}: Readonly<{
  uid?: unknown;
  namespace?: unknown;
  role?: unknown;
  metadata?: Readonly<Record<string, unknown>>;
  spec?: Readonly<Record<string, unknown>>;
}> = {}): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      namespace,
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'pods' },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'pod', annotations: { 'k8s.aliyun.com/eci-ram-role-name': role }, ...metadata },
        spec: { containers: [], ...spec },
      },
    },
  };
}

/** A good review, as its sender has it on the wire. */
export const GOOD_BODY = JSON.stringify(podReview());

/** A good review of exactly this many bytes, for the most part one text. */
export function bodyOfSize(bytes: number): string {
  const sizeOf = (padding: string) => JSON.stringify(podReview({ spec: { padding } }));
  return sizeOf('x'.repeat(bytes - sizeOf('').length));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../examples/reviews');
const SIZES = [3_000, 5_000, 20_000];

/** What a review asks, and what every server has to answer. */
export type ReviewCase = Readonly<{
  name: string;
  /** Whether the pod has a role in the end, so that its decision is logged at level info. */
  hasRole: boolean;
  /** The body of a review with this uid, JSON. */
  bodyFor: (uid: string) => string;
  /** The operations of the patch, undefined where none may come. */
  patch: unknown;
}>;

/** Pods of 3, 5 and 20 kB, each with an allowed role, without one so that it gets the default, and without one or a default. */
export function buildReviewCases(): readonly ReviewCase[] {
  const allowed = readExample('1-allowed-role.json');
  const withoutRole = readExample('3-no-role.json');
  const withoutDefault = structuredClone(withoutRole);
  withoutDefault.request.namespace = 'sandbox';
  return SIZES.flatMap((size) => {
    const kilobytes = `${size / 1_000} kB`;
    return [
      { name: `${kilobytes}, allow`, hasRole: true, bodyFor: grow(allowed, size), patch: undefined },
      {
        name: `${kilobytes}, patch`,
        hasRole: true,
        bodyFor: grow(withoutRole, size),
        patch: [
          {
            op: 'add',
            path: '/metadata/annotations',
            value: { 'k8s.aliyun.com/eci-ram-role-name': 'payments-reader' },
          },
        ],
      },
      {
        name: `${kilobytes}, no role`,
        hasRole: false,
        bodyFor: grow(withoutDefault, size),
        patch: undefined,
      },
    ];
  });
}

type ExampleReview = {
  request: {
    uid: string;
    namespace: string;
    object: {
      metadata: { managedFields?: unknown[] };
      spec: { containers: { name: string; env?: unknown[] }[] };
    };
  };
};

function readExample(name: string): ExampleReview {
  return JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'));
}

/** Grows a pod as real ones grow: by variables, then by more containers and by what the API server notes of them. */
function grow(example: ExampleReview, size: number): (uid: string) => string {
  const review = structuredClone(example);
  const { metadata, spec } = review.request.object;
  const [first] = spec.containers;
  if (first === undefined) {
    throw new Error('expected an example with a container');
  }

  const variables: unknown[] = [];
  first.env = variables;
  const containerFields: Record<string, unknown> = {};
  for (let index = 0; JSON.stringify(review).length < size; index++) {
    if (index % 8 === 7) {
      const name = `sidecar-${index}`;
      spec.containers.push({ ...structuredClone(first), name, env: variables.slice(-3) });
      containerFields[`k:{"name":"${name}"}`] = { '.': {}, 'f:env': {}, 'f:image': {}, 'f:resources': {} };
      metadata.managedFields = [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:containers': containerFields } },
        },
      ];
    } else {
      variables.push({ name: `SETTING_${index}`, value: `https://service-${index}.payments.svc:8443/v1` });
    }
  }
  return (uid) => JSON.stringify({ ...review, request: { ...review.request, uid } });
}

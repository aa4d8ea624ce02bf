const ROLE_ANNOTATION = 'k8s.aliyun.com/eci-ram-role-name';
const DEFAULT_ROLE = 'payments-reader';
const NAMESPACE_WITH_DEFAULT = 'payments';
const ALLOWED_ROLES = new Set(['ECIRamRoleTest', DEFAULT_ROLE]);

/** What is read of a review. Nothing of it is checked: that is part of what is compared. */
export type Review = Readonly<{
  request: Readonly<{
    uid: string;
    namespace: string;
    object: Readonly<{ metadata: Readonly<{ annotations?: Readonly<Record<string, string>> }> }>;
  }>;
}>;

/** The least that answers a review: looks the annotation up, and sets the default role where there is none but a default. */
export function answer({ request: { uid, namespace, object } }: Review): string {
  const { annotations } = object.metadata;
  const role = annotations?.[ROLE_ANNOTATION];
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response:
      role === undefined && namespace === NAMESPACE_WITH_DEFAULT
        ? { uid, allowed: true, patchType: 'JSONPatch', patch: encodePatch(annotations !== undefined) }
        : { uid, allowed: role === undefined || ALLOWED_ROLES.has(role) },
  });
}

function encodePatch(hasAnnotations: boolean): string {
  const operation = hasAnnotations
    ? {
        op: 'add',
        path: `/metadata/annotations/${ROLE_ANNOTATION.replaceAll('/', '~1')}`,
        value: DEFAULT_ROLE,
      }
    : { op: 'add', path: '/metadata/annotations', value: { [ROLE_ANNOTATION]: DEFAULT_ROLE } };
  return btoa(JSON.stringify([operation]));
}

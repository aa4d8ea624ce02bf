import type { AdmissionRequest } from '../../src/admission/review.ts';
import { matchesSelector } from '../../src/policy/label-selector.ts';
import type { PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist, AllowlistSpec } from '../../src/policy/schema/allowlist.ts';

/** What a pod is to the rules, read off by hand. */
export type ReferencePod = Readonly<{
  role: string;
  serviceAccount: string;
  isMirrorPod: boolean;
  hasMarker: boolean;
}>;

/** What the mutating pass is to answer, in short. */
export type ReferenceAnswer = Readonly<{ decision: string; reason: string; injected: string | undefined }>;

/** How each field of a spec narrows an allowlist; one that is missing here does not compile. */
const NARROWING: Readonly<
  Record<keyof AllowlistSpec, ((spec: AllowlistSpec, pod: ReferencePod) => boolean) | undefined>
> = {
  namespaces: undefined,
  namespaceSelector: undefined,
  roles: undefined,
  defaultRole: undefined,
  serviceAccounts: ({ serviceAccounts }, pod) =>
    serviceAccounts === undefined || matchesAny(serviceAccounts, pod.serviceAccount),
  injectInto: undefined,
  violationAction: undefined,
  contact: undefined,
  reason: undefined,
  expiresAt: undefined,
};

/** The decision table of the product, row by row, slow and obvious; globs by regular expressions. */
export function decideByTheTable(
  pod: ReferencePod,
  { namespace }: Pick<AdmissionRequest, 'namespace'>,
  allowlists: readonly Allowlist[],
  settings: PolicySettings,
  now: number,
): ReferenceAnswer {
  const { role, isMirrorPod, hasMarker } = pod;
  const selecting = allowlists.filter((list) => rank(list, namespace) < 3);
  const covering = selecting.filter(({ spec }) =>
    Object.values(NARROWING).every((covers) => covers === undefined || covers(spec, pod)),
  );
  const applying = covering.filter(
    ({ spec }) => spec.expiresAt === undefined || now < Date.parse(spec.expiresAt),
  );
  const actions = selecting.map(({ spec }) => spec.violationAction);
  const listed = strictestOf(actions.length > 0 ? actions : [settings.unlistedNamespaces]);

  if (role === '') {
    const injected = defaultRole();
    return injected === undefined
      ? { decision: 'allow', reason: 'no-role', injected }
      : { decision: 'inject', reason: 'default', injected };
  }
  if (isProtected(role)) {
    return { decision: 'deny', reason: 'protected', injected: undefined };
  }
  if (!/^[A-Za-z0-9._@-]{1,64}$/.test(role)) {
    return violation(strictestOf([listed, settings.unlistedNamespaces]), 'invalid-name');
  }
  if (applying.some(({ spec }) => matchesAny(spec.roles, role))) {
    return { decision: 'allow', reason: 'allowed', injected: undefined };
  }
  if (selecting.length === 0) {
    return violation(listed, 'no-allowlist');
  }
  const wasAllowed = covering.some(({ spec }) => matchesAny(spec.roles, role));
  return violation(listed, wasAllowed ? 'expired' : 'not-allowed');

  function violation(action: string, reason: string): ReferenceAnswer {
    return {
      decision: action.toLowerCase(),
      reason,
      injected: action === 'Strip' ? defaultRole() : undefined,
    };
  }

  function defaultRole(): string | undefined {
    const isTarget = ({ spec }: Allowlist) =>
      !isMirrorPod && (spec.injectInto === 'AllPods' || hasMarker || settings.eciDetection === 'all-pods');
    return applying
      .filter(({ spec }) => spec.defaultRole !== undefined && !isProtected(spec.defaultRole))
      .filter(isTarget)
      .map((list) => ({
        key: `${rank(list, namespace)} ${list.spec.serviceAccounts === undefined ? 1 : 0} ${list.name}`,
        role: list.spec.defaultRole,
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .at(0)?.role;
  }

  function isProtected(role: string): boolean {
    const compared = Array.from(role)
      .slice(0, 1_024)
      .map((character) => character.toUpperCase().toLowerCase())
      .join('')
      .replaceAll(/[^a-z0-9._@-]/g, '');
    return matchesAny(
      settings.protectedRoles.map((pattern) => pattern.toLowerCase()),
      compared,
    );
  }
}

function rank({ spec }: Allowlist, namespace: string): number {
  if (namespace === '') {
    return 3;
  }
  if (spec.namespaceSelector !== undefined) {
    return matchesSelector(spec.namespaceSelector, new Map()) ? 2 : 3;
  }
  if (spec.namespaces?.includes(namespace)) {
    return 0;
  }
  return matchesAny(spec.namespaces ?? [], namespace) ? 1 : 3;
}

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    const pieces = pattern.split('*').map((piece) => piece.replace(/[^A-Za-z0-9]/g, '\\$&'));
    return new RegExp(`^${pieces.join('[^]*')}$`).test(text);
  });
}

function strictestOf(actions: readonly string[]): string {
  return ['Deny', 'Strip', 'Warn', 'Audit'].find((action) => actions.includes(action)) ?? 'Deny';
}

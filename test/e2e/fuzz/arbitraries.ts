import fc from 'fast-check';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import type { ViolationAction } from '../../../src/policy/violation-action.ts';
import { role, serviceAccount } from '../../builders/arbitraries.ts';
import { ROUTES, type Route } from './routes.ts';

// Few and short names, so that what is generated meets often.
export const NAMESPACES = ['a', 'ab', 'b'];
export const SERVICE_ACCOUNTS = ['x', 'xy', 'y'];
const ROLES = ['r', 'rs', 's', 'R'];

/** A pod to be, and what is then written to it. */
export type PodLife = Readonly<{
  namespace: string;
  /** Undefined: without the annotation. */
  role: string | undefined;
  serviceAccount: string;
  hasMarker: boolean;
  isNameGenerated: boolean;
  writes: readonly Write[];
}>;

/** A write that would set the annotation to a value, remove it (null), or leave it alone (undefined). */
export type Write = Readonly<{ route: Route; value: string | null | undefined }>;

const write: fc.Arbitrary<Write> = fc.record({
  route: fc.constantFrom(...ROUTES),
  value: fc.oneof(
    { weight: 4, arbitrary: role },
    { weight: 2, arbitrary: fc.constantFrom(null, undefined, '') },
  ),
});

export const podLife: fc.Arbitrary<PodLife> = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  role: fc.option(
    role.map((text) => text.toWellFormed()),
    { nil: undefined, freq: 4 },
  ),
  serviceAccount,
  hasMarker: fc.boolean(),
  isNameGenerated: fc.boolean(),
  writes: fc.array(write, { minLength: 2, maxLength: 6 }),
});

/** Allowlists of different names, whose actions are among these. */
export function allowlists(actions: readonly ViolationAction[]): fc.Arbitrary<Allowlist[]> {
  const spec = fc.record(
    {
      namespaces: someOf([...NAMESPACES, 'a*', '*'], 1),
      roles: someOf([...ROLES, 'r*', '*', 'KubernetesWorkerRole-*'], 0),
      injectInto: fc.constantFrom('EciPods' as const, 'AllPods' as const),
      violationAction: fc.constantFrom(...actions),
      serviceAccounts: someOf(['default', 'x', 'x*'], 1),
    },
    { requiredKeys: ['namespaces', 'roles', 'injectInto', 'violationAction'] },
  );
  const withDefault = spec.chain((fields) => {
    const exact = fields.roles.filter((pattern) => !pattern.includes('*'));
    return fc
      .constantFrom({}, ...exact.map((defaultRole) => ({ defaultRole })))
      .map((given) => ({ ...fields, ...given }));
  });
  const list = fc.tuple(fc.constantFrom('one', 'two', 'three', 'four'), withDefault, expiry);
  return fc
    .uniqueArray(list, { selector: ([name]) => name, maxLength: 4 })
    .map((lists) => lists.map(([name, fields, times]) => ({ name, spec: { ...fields, ...times } })));
}

const expiry = fc.constantFrom(
  {},
  {},
  {},
  { expiresAt: '2020-01-01T00:00:00Z', reason: 'over' },
  { expiresAt: '2999-01-01T00:00:00Z', reason: 'incident' },
);

function someOf(values: readonly string[], minLength: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength: 3 });
}

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { denialMessage } from '../../../src/admission/messages.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { compilePolicy, createPolicy } from '../../../src/policy/policy.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import { subjectOf } from '../../builders/policy.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [], eciDetection: 'markers' } as const;
const PER_LIST = 256;
const LABELS = new Map<string, string>();

// Time says nothing on a busy machine, so these tests count the patterns that are read.
let reads = 0;

function counted(values: readonly string[]): string[] {
  return new Proxy([...values], {
    get: (target, key, receiver) => {
      reads += typeof key === 'string' && /^\d+$/.test(key) ? 1 : 0;
      return Reflect.get(target, key, receiver);
    },
  });
}

const ENDING = `${'*a'.repeat(20)}*`;

/** Allowlists as a team could write them to make the server work. */
function hostileLists(count: number): readonly Allowlist[] {
  const patternsOf = (list: number) =>
    Array.from({ length: PER_LIST }, (_, index) => `team-a-${list}-${index}${ENDING}`);
  return Array.from({ length: count }, (_, list) => ({
    name: `team-a-${String(list).padStart(4, '0')}`,
    spec: {
      ...{ injectInto: 'EciPods', violationAction: 'Deny' },
      namespaces: counted(['team-a-x*', ...patternsOf(list).slice(1)]),
      roles: counted(patternsOf(list)),
    },
  }));
}

function readsOf(action: () => void): number {
  reads = 0;
  action();
  return reads;
}

suite('the work of', () => {
  test('a change is that of the allowlist that changes', () => {
    const { policy, apply } = createPolicy(SETTINGS);
    apply({ changed: hostileLists(100), removed: [] });
    policy.select('team-a-xyz', LABELS);

    const [changed] = hostileLists(1);
    assert.ok(changed);
    const work = readsOf(() => {
      apply({ changed: [changed], removed: [] });
      policy.select('team-a-xyz', LABELS);
    });
    // Its old form and its new one: the roles once, the namespaces for the index and for the namespace asked about.
    assert.ok(work <= 8 * PER_LIST, `${work} patterns read`);
  });

  for (const { name, requestedRole } of [
    { name: 'that no allowlist allows', requestedRole: 'team-b-reader' },
    { name: 'that is nearly a pattern', requestedRole: `team-a-7-9${'a'.repeat(19)}` },
    { name: 'that is no role name', requestedRole: 'a b' },
  ]) {
    test(`a denial of a role ${name} is the same for 200 allowlists as for two`, () => {
      const [few = 0, many = 0] = [2, 200].map((count) => {
        const policy = compilePolicy(hostileLists(count), SETTINGS);
        const deny = (requestedRole: string) => {
          const subject = subjectOf({ namespace: 'team-a-xyz', namespaceLabels: LABELS, requestedRole });
          const evaluation = evaluate(policy, subject, 0);
          assert.equal(evaluation.verdict, 'violation');
          return denialMessage(subject, evaluation);
        };
        deny('first');
        deny('second');
        deny('third');
        return readsOf(() => deny(requestedRole));
      });
      assert.ok(many <= few, `${many} patterns read instead of ${few}`);
    });
  }

  test('a lookup of a namespace is that of the allowlists that can select it', () => {
    const policy = compilePolicy(hostileLists(200), SETTINGS);
    assert.equal(
      readsOf(() => policy.select('team-b', LABELS)),
      0,
    );
  });
});

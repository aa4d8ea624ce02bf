import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../../../src/admission/decision.ts';
import { decideInjector } from '../../../../src/admission/injectors/decide.ts';
import { parseInjectorEdit } from '../../../../src/admission/injectors/read.ts';
import { parseReview } from '../../../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../../../src/admission/role-annotation.ts';
import { type Labels, matchesSelector } from '../../../../src/policy/label-selector.ts';
import { compilePolicy, type Policy } from '../../../../src/policy/policy.ts';
import { allowlists, NOW, role, settings } from '../../../builders/arbitraries.ts';
import { decide } from '../../../builders/decide.ts';
import { entryOf, profileOf, profileReview, selectorReview } from '../../../builders/injector-edit.ts';
import { assertKnown } from '../../../builders/known-decision.ts';

const NAMESPACES = new Map([
  ['a', new Map([['team', 'a']])],
  ['ab', new Map([['team', 'b']])],
  ['b', new Map<string, string>()],
]);

const someJson = fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text));
const selector = fc.constantFrom(...[undefined, null, {}, { matchLabels: { team: 'a' } }], {
  matchExpressions: [{ key: 'team', operator: 'NotIn' as const, values: ['a'] }],
});
const entry = fc
  .record({ role, selector })
  .map(({ role, selector }) => entryOf(role, { namespaceSelector: selector }));
const oddEntry = fc.oneof(
  someJson,
  fc
    .tuple(
      entry,
      fc.constantFrom('effect', 'Effect', 'namespaceSelector', 'objectSelector', 'name', '__proto__'),
      someJson,
    )
    .map(([entry, key, value]) => Object.fromEntries([...Object.entries(entry), [key, value]])),
  someJson.map((value) => ({ effect: { annotations: value } })),
  someJson.map((value) => entryOf(value)),
  someJson.map((value) => ({
    effect: { annotations: { [ROLE_ANNOTATION]: 'x' }, labels: value },
    namespaceSelector: { matchExpressions: value },
  })),
);
const oddObject = fc.oneof(
  someJson,
  fc.array(fc.oneof(entry, oddEntry), { maxLength: 3 }).map((entries) => profileOf(entries)),
  someJson.map((data) => ({ data })),
  fc.string().map((text) => profileOf(text)),
  oddEntry.map((spec) => ({ spec })),
);
const policy = fc.tuple(allowlists, settings).map(([lists, settings]) => compilePolicy(lists, settings));
const namespaces = fc.constantFrom(NAMESPACES, undefined);
const action = fc.constantFrom('Deny' as const, 'Warn' as const);

suite('any edit of an injector', () => {
  test('is answered, refused under Deny alone, in lines that the API server takes', () => {
    fc.assert(
      fc.property(
        oddObject,
        fc.option(oddObject, { nil: undefined }),
        fc.boolean(),
        policy,
        namespaces,
        action,
        (object, old, isSelector, policy, namespaces, action) => {
          const review = isSelector
            ? selectorReview(Object(object).spec, Object(old).spec)
            : profileReview(object, old);
          const entries = parseInjectorEdit(review) ?? assert.fail();
          const facts = { action, policy, namespaces, excludedNamespaces: ['b'], now: NOW };
          const { outcome: decision, reason, denial, warnings, patch } = decideInjector(entries, facts);
          assertKnown('/validate-injectors', { outcome: decision, reason });
          assert.equal(decision === 'deny', denial !== undefined);
          assert.ok(action === 'Deny' || denial === undefined);
          assert.equal(patch.length, 0);
          for (const line of [...warnings, denial?.message ?? '-']) {
            assert.match(line, /^[^\p{Cc}]+$/u);
          }
          assert.ok(warnings.every((warning) => warning.length < 256));
        },
      ),
    );
  });

  test('is denied if, and only if, a pod with the role of an entry is refused where the entry applies', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 3 }),
        allowlists,
        settings,
        (written, lists, settings) => {
          const policy = compilePolicy(lists, settings);
          const withoutLists = compilePolicy([], settings);
          const entries = parseInjectorEdit(profileReview(profileOf(written))) ?? assert.fail();
          const facts = { policy, namespaces: NAMESPACES, excludedNamespaces: ['b'], now: NOW };
          const { denial } = decideInjector(entries, { ...facts, action: 'Deny' });
          const isWrong = entries.some(({ injection }) => {
            const { role, namespaceSelector = {} } = injection.ok ? injection.value : assert.fail();
            const { outcome, reason } = decidePod(role, 'b', withoutLists);
            const isWrongAnywhere = ['protected', 'invalid-name'].includes(reason) && isRefusal(outcome);
            const matches = (labels: Labels) => matchesSelector(namespaceSelector, labels);
            const reached = ['a', 'ab'].filter((name) => matches(NAMESPACES.get(name) ?? assert.fail()));
            return (
              isWrongAnywhere || reached.some((name) => isRefusal(decidePod(role, name, policy).outcome))
            );
          });
          assert.equal(denial !== undefined, isWrong);
        },
      ),
    );
  });
});

/** The decision on a pod of which each fact, such as its ServiceAccount, matches `*` alone. */
function decidePod(role: string, namespace: string, policy: Policy): Decision {
  const review = parseReview({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...{ uid: 'uid', operation: 'CREATE', namespace, name: 'pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      object: {
        metadata: { annotations: { [ROLE_ANNOTATION]: role } },
        spec: { serviceAccountName: 'q', containers: [{ name: 'q', image: 'q' }] },
      },
    },
  });
  const labels = NAMESPACES.get(namespace);
  const mutated = decide('mutate', review, policy, NOW, { labels });
  return isRefusal(mutated.outcome) ? mutated : decide('validate', review, policy, NOW, { labels });
}

function isRefusal(outcome: Decision['outcome']): boolean {
  return outcome === 'deny' || outcome === 'strip';
}

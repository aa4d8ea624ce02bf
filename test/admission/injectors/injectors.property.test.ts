import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { decideInjector } from '../../../src/admission/injectors/decide.ts';
import { parseInjectorEdit } from '../../../src/admission/injectors/read.ts';
import { ROLE_ANNOTATION } from '../../../src/admission/role-annotation.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { compileLabelSelector } from '../../../src/policy/label-selector.ts';
import { compilePolicy } from '../../../src/policy/policy.ts';
import { runToEnd } from '../../../src/sources/time-slice.ts';
import { allowlists, NOW, role, serviceAccount, settings } from '../../builders/arbitraries.ts';
import { entryOf, profileOf, profileReview, selectorReview } from '../../builders/injector-edit.ts';

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
          const {
            outcome: decision,
            denial,
            warnings,
            patch,
          } = runToEnd(
            decideInjector(entries, { action, policy, namespaces, excludedNamespaces: ['b'] }, NOW),
          );
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

  test('that is not refused at its creation sets no role that a pod it reaches would be refused or lose', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 3 }),
        serviceAccount,
        policy,
        namespaces,
        (written, serviceAccount, policy, namespaces) => {
          const entries = parseInjectorEdit(profileReview(profileOf(written))) ?? assert.fail();
          const { denial } = runToEnd(
            decideInjector(entries, { action: 'Deny', policy, namespaces, excludedNamespaces: [] }, NOW),
          );
          if (denial !== undefined) {
            return;
          }
          for (const { effect, namespaceSelector } of written.map((entry) => ({
            namespaceSelector: undefined,
            ...entry,
          }))) {
            const matches = compileLabelSelector(namespaceSelector ?? {});
            for (const [namespace, labels] of NAMESPACES) {
              const namespaceLabels = namespaces === undefined ? new Map() : labels;
              const requestedRole = String(effect.annotations[ROLE_ANNOTATION]) || undefined;
              const subject = {
                namespace,
                namespaceLabels,
                serviceAccount,
                requestedRole,
                hasEciMarker: true,
                isMirrorPod: false,
              };
              const evaluation = evaluate(policy, subject, NOW);
              const isFine =
                evaluation.verdict !== 'violation' || ['Warn', 'Audit'].includes(evaluation.action);
              assert.ok(isFine || !matches(labels), `${requestedRole} in ${namespace}`);
            }
          }
        },
      ),
    );
  });
});

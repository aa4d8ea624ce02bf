import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createInjectorsRoute } from '../../../../src/admission/injectors/route.ts';
import type { AdmissionDeps } from '../../../../src/admission/route.ts';
import { noCaller } from '../../../builders/caller.ts';
import { entryOf, profileOf, profileReview } from '../../../builders/injector-edit.ts';
import { policyOf } from '../../../builders/policy.ts';

const route = createInjectorsRoute({ action: 'Deny', excludedNamespaces: [] });
const named = (name: string) =>
  entryOf('reader', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

function gather(entries: readonly object[], awaited: string[]) {
  const policy = policyOf([]);
  const deps: AdmissionDeps = {
    getPolicy: () => policy,
    now: () => 0,
    getNamespaces: () => new Map([['payments', new Map()]]),
    getNamespaceLabels: async (namespace) => {
      awaited.push(namespace);
      return undefined;
    },
    getPodRole: () => assert.fail(),
    findExceededBound: () => assert.fail(),
  };
  return route.gather(route.parse(profileReview(profileOf(entries))) ?? assert.fail(), deps, noCaller);
}

suite('the facts about an edit of injectors', () => {
  test('are there at once if no entry names an unknown namespace', () => {
    const awaited: string[] = [];
    assert.ok(!(gather([entryOf('reader'), named('payments'), {}], awaited) instanceof Promise));
    assert.deepEqual(awaited, []);
  });

  test('wait for the namespaces that entries name, at most 16', async () => {
    const awaited: string[] = [];
    const names = Array.from({ length: 20 }, (_, index) => `later-${index}`);
    await gather(names.map(named), awaited);
    assert.deepEqual(awaited, names.slice(0, 16));
  });
});

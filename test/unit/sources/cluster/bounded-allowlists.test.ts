import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toKubernetesObject } from '../../../../src/kubernetes/object.ts';
import { createPolicy } from '../../../../src/policy/policy.ts';
import { createBoundedAllowlists } from '../../../../src/sources/cluster/bounded-allowlists.ts';
import type { SourceChanges } from '../../../../src/sources/source.ts';
import { allowlistObject } from '../../../builders/allowlist-review.ts';

const LABELS = new Map<string, string>();
const BOUNDS = {
  maxEntries: 1_000,
  delegations: [{ listNamePrefix: 'team-a-', maxEntries: 200, namespaces: ['team-a', 'team-a-*'] }],
};
const texts = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function start() {
  const bounded = createBoundedAllowlists(BOUNDS);
  const { policy, apply } = createPolicy({
    ...{ unlistedNamespaces: 'Warn', protectedRoles: [], eciDetection: 'markers' },
  });
  const last: { changes: SourceChanges | undefined } = { changes: undefined };
  const use = (changes: SourceChanges) => {
    last.changes = changes;
    apply(changes);
  };
  return {
    bounded,
    last,
    write: (name: string, spec: object) =>
      use(bounded.set(toKubernetesObject(allowlistObject({ ...spec }, { name, uid: name })))),
    remove: (name: string) => use(bounded.delete(name)),
    endList: () => use(bounded.endList()),
    /** The action, the allowlists and the roles of a namespace. */
    stateOf: (namespace: string) => {
      const { action, ranked } = policy.select(namespace, LABELS);
      return [action, ...ranked.map(({ allowlist: { name, roles } }) => `${name} ${roles.length}`)];
    },
    all: () => bounded.all(),
  };
}

suite('the allowlists of the cluster', () => {
  test('that are over their bound deny and allow nothing, and others keep their place', () => {
    const { write, stateOf, bounded } = start();
    write('team-a-1', { namespaces: ['team-a'], roles: texts(100, 'role-') });
    write('team-a-2', { namespaces: ['team-a-x'], roles: texts(100, 'role-'), violationAction: 'Warn' });
    write('payments', { namespaces: ['payments'], roles: texts(100, 'role-') });
    assert.deepEqual(stateOf('team-a'), ['Deny', 'team-a-1 100']);
    assert.deepEqual(stateOf('team-a-x'), ['Deny', 'team-a-2 0']);
    assert.deepEqual(stateOf('payments'), ['Deny', 'payments 100']);
    assert.equal(bounded.allowlists.get('team-a-2')?.isOver, true);
    assert.deepEqual([...bounded.all().denied], [['team-a-2', 'over-bound']]);
  });

  test('that get room again deny until they are listed', () => {
    const { write, remove, stateOf, bounded, endList } = start();
    write('team-a-1', { namespaces: ['team-a'], roles: texts(100, 'role-') });
    write('team-a-2', { namespaces: ['team-a-x'], roles: texts(100, 'role-') });
    assert.equal(bounded.needsList(), false);
    remove('team-a-1');
    assert.equal(bounded.needsList(), true);
    assert.deepEqual(stateOf('team-a-x'), ['Deny', 'team-a-2 0']);
    bounded.beginList();
    write('team-a-2', { namespaces: ['team-a-x'], roles: texts(100, 'role-') });
    endList();
    assert.deepEqual(stateOf('team-a-x'), ['Deny', 'team-a-2 100']);
    assert.equal(bounded.needsList(), false);
  });

  test('that are left out have their delegation denied, and nobody else', () => {
    const { write, remove, stateOf, bounded, endList } = start();
    for (const name of texts(60, 'team-a-1')) {
      write(name, { namespaces: ['team-a-y'], roles: ['reader'] });
    }
    assert.ok(bounded.allowlists.size < 20);
    assert.equal(stateOf('team-a-x').join(), 'Deny,team-a-* 0');
    assert.deepEqual(stateOf('payments'), [undefined]);
    assert.ok(bounded.all().changed.some(({ name }) => name === 'team-a-*'));

    remove('team-a-10');
    assert.equal(bounded.needsList(), true);
    bounded.beginList();
    write('team-a-11', { namespaces: ['team-a-y'], roles: ['reader'] });
    assert.equal(stateOf('team-a-x').join(), 'Deny,team-a-* 0');
    endList();
    assert.deepEqual(stateOf('team-a-x'), [undefined]);
  });

  test('that are left out and select a namespace of others have all denied', () => {
    const { write, stateOf, bounded, endList } = start();
    for (const name of texts(60, 'team-a-1')) {
      write(name, { namespaces: ['payments'], roles: ['reader'] });
    }
    assert.equal(stateOf('search').join(), 'Deny,team-a-* 0');
    bounded.beginList();
    for (const name of texts(60, 'team-a-1')) {
      write(name, { namespaces: ['team-a'], roles: ['reader'] });
    }
    endList();
    assert.deepEqual(stateOf('search'), [undefined]);
  });

  test('that no delegation covers have all denied once some are left out', () => {
    const { write, stateOf } = start();
    for (const name of texts(100, 'list-')) {
      write(name, { namespaces: ['payments'], roles: ['reader'] });
    }
    assert.equal(stateOf('search').join(), 'Deny,* 0');
  });

  test('take a bounded memory, however many there are', () => {
    const { write, bounded, stateOf } = start();
    for (let index = 0; index < 600; index++) {
      write(`team-a-${index}`, {
        namespaces: texts(256, `team-a-00*a*a*${index}-`),
        roles: texts(256, `team-a-00*a*a*${index}-`),
      });
    }
    assert.equal(bounded.allowlists.size, 0);
    assert.deepEqual(stateOf('team-a'), ['Deny', 'team-a-* 0']);
    assert.deepEqual(stateOf('payments'), [undefined]);
  });

  test('that would exceed a bound are found before they are written', () => {
    const { write, bounded } = start();
    write('team-a-1', { namespaces: ['team-a'], roles: texts(100, 'role-') });
    const [allowlist] = bounded.all().changed;
    assert.ok(allowlist);
    assert.equal(bounded.findExceededBound(allowlist), undefined);
    assert.equal(bounded.findExceededBound({ ...allowlist, name: 'team-a-2' })?.entries, 2 * 117);
    assert.equal(bounded.findExceededBound({ ...allowlist, name: 'other' }), undefined);
  });

  test('keep nothing of an object but its name, spec and status', () => {
    const { bounded } = start();
    const long = 'x'.repeat(100_000);
    bounded.set(
      toKubernetesObject({
        ...allowlistObject({ [long]: 1 }, { name: 'odd', uid: long, annotations: { a: long } }),
        status: {
          conditions: [
            { type: 'Ready', status: long, reason: long, message: long, lastTransitionTime: long },
          ],
        },
      }),
    );
    assert.ok(JSON.stringify([...bounded.allowlists]).length < 10_000);
  });
});

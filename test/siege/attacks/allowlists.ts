import { setTimeout as sleep } from 'node:timers/promises';
import type { ListStore } from '../support/api-server/store.ts';
import type { Attack, ListSpec } from '../support/attack.ts';
import { sendInTurn, tlsTo } from '../support/attacker.ts';
import { patternList } from '../support/pattern-list.ts';
import { podBody, requestOf } from '../support/requests.ts';

/** The most that the schema allows. */
const MOST = { namespaces: 256, roles: 256 };

/** Lists of a team that may write allowlists of its own, or of anyone whose objects the API server takes. */
export const allowlists: readonly Attack[] = [
  {
    name: '600 lists of 256 namespace and 256 role patterns, then changes at full speed',
    lists: () => numbered(600, (index) => patternList(index, MOST)),
    changeLists: (store, signal) =>
      changePaced(signal, 200, (turn) => store.put(patternList(turn % 600, MOST, turn))),
  },
  {
    name: '250 such lists, one change a second',
    lists: () => numbered(250, (index) => patternList(index, MOST)),
    changeLists: (store, signal) =>
      changePaced(signal, 1, (turn) => store.put(patternList(turn % 250, MOST, turn))),
  },
  {
    name: '10,000 small lists, created one by one',
    durationMs: 11_000,
    changeLists: (store, signal) =>
      changePaced(signal, 1_000, (turn) => turn < 10_000 && store.put(smallList(turn))),
  },
  {
    name: '10,000 small lists, 100 edits a second',
    durationMs: 8_000,
    lists: () => numbered(10_000, smallList),
    changeLists: (store, signal) =>
      changePaced(signal, 100, (turn) => store.put(smallList((turn * 7) % 10_000, turn))),
  },
  {
    name: '10,000 small lists, 100 deletions and creations a second',
    lists: () => numbered(10_000, smallList),
    changeLists: (store, signal) => changePaced(signal, 100, (turn) => replace(store, turn)),
  },
  {
    name: '550 lists with annotations of 255 KB, and 61 with ownerReferences of 1.5 MB',
    lists: () => [...numbered(550, annotatedList), ...numbered(61, ownedList)],
  },
  {
    name: 'changes of lists with annotations of 255 KB',
    lists: () => numbered(100, annotatedList),
    changeLists: (store, signal) =>
      changePaced(signal, 50, (turn) => store.put(annotatedList(turn % 100, turn))),
  },
  {
    name: 'denials in a namespace of 200 lists of 256 roles, 16 in flight',
    lists: () => numbered(200, crowdedList),
    run: (replica, signal) =>
      Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          sendInTurn(tlsTo(replica.admission), [deniedInCrowd(index)], 20, signal),
        ),
      ),
  },
];

function numbered(count: number, make: (index: number) => ListSpec): readonly ListSpec[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Calls so many times a second, counted from 0, until the time is over. */
async function changePaced(
  signal: AbortSignal,
  perSecond: number,
  change: (turn: number) => unknown,
): Promise<void> {
  const startedAt = performance.now();
  for (let turn = 0; !signal.aborted; turn++) {
    const dueAt = startedAt + (turn * 1_000) / perSecond;
    if (dueAt > performance.now()) {
      await sleep(Math.max(0, dueAt - performance.now()));
    }
    change(turn);
  }
}

function smallList(index: number, edit = 0): ListSpec {
  return {
    name: `small-${index}`,
    spec: { namespaces: [`namespace-${index}`], roles: [`role-${index}`, `role-${edit}`] },
  };
}

function replace(store: ListStore, turn: number): void {
  if (turn % 2 === 0) {
    store.remove(`small-${turn / 2}`);
  } else {
    store.put(smallList((turn - 1) / 2, turn));
  }
}

function annotatedList(index: number, edit = 0): ListSpec {
  return {
    ...smallList(index, edit),
    metadata: { annotations: { padding: `${index} ${'x'.repeat(255_000)}` } },
  };
}

function ownedList(index: number): ListSpec {
  const ownerReferences = Array.from({ length: 10_000 }, (_, owner) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: `owner-${'x'.repeat(64)}-${owner}`,
    uid: `${owner}-00000000-0000-0000-0000`,
  }));
  return { ...smallList(1_000 + index), metadata: { ownerReferences } };
}

function crowdedList(index: number): ListSpec {
  const roles = Array.from({ length: 256 }, (_, role) => `allowed-role-${index}-${role}`);
  return { name: `crowded-${index}`, spec: { namespaces: ['crowded'], roles } };
}

function deniedInCrowd(index: number): Buffer {
  return requestOf('/validate-pods', podBody(`forbidden-${index}`).replace('"payments"', '"crowded"'));
}

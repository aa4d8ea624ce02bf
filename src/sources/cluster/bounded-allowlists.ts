import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import {
  type BoundSettings,
  divideShares,
  type ExceededBound,
  isWithinShare,
  type Share,
  shareDenial,
  sizeOf,
} from '../../policy/share.ts';
import { createShareLedger, type ShareLedger } from '../../policy/share-ledger.ts';
import type { SourceChanges } from '../source.ts';
import {
  type CachedAllowlist,
  type ChangeCollector,
  createChangeCollector,
  isUnchanged,
  toCachedAllowlist,
  toOver,
} from './cached-allowlist.ts';

/** The cluster's allowlists within their bounds. Each call returns the changes of the policy that follow from it. */
export type BoundedAllowlists = Readonly<{
  allowlists: ReadonlyMap<string, CachedAllowlist>;
  ledgers: readonly ShareLedger[];
  ledgerOf: (name: string) => ShareLedger;
  set: (object: KubernetesObject) => SourceChanges;
  /** Puts an allowlist back that was deleted. */
  restore: (cached: CachedAllowlist) => SourceChanges;
  delete: (name: string) => SourceChanges;
  beginList: () => void;
  endList: () => SourceChanges;
  /** Whether there is room for an allowlist that is not held as it is written, so that all must be listed again. */
  needsList: () => boolean;
  findExceededBound: (allowlist: Allowlist) => ExceededBound | undefined;
  /** All allowlists, as changes. */
  all: () => SourceChanges;
}>;

type BoundedShare = {
  readonly ledger: ShareLedger;
  /** Whether one that is left out selects a namespace outside of the share; and whether the present list has one. */
  isEverywhere: boolean;
  isListedEverywhere: boolean;
  /** Stands for those that are left out, if there are any. */
  denial: Allowlist | undefined;
};

export function createBoundedAllowlists(bounds: BoundSettings): BoundedAllowlists {
  const allowlists = new Map<string, CachedAllowlist>();
  const { delegated, rest } = divideShares(bounds);
  const delegatedShares = delegated.map(toBoundedShare);
  const restShare = toBoundedShare(rest);
  const shares = [...delegatedShares, restShare];
  let isListNeeded = false;

  function shareOf(name: string): BoundedShare {
    return delegatedShares.find(({ ledger }) => name.startsWith(ledger.share.listNamePrefix)) ?? restShare;
  }

  /** Puts an allowlist that was read in its place. */
  function place(read: CachedAllowlist, share: BoundedShare, changes: ChangeCollector): void {
    const { name } = read.allowlist;
    const place = share.ledger.placeOf(name);
    if (place === 'left-out') {
      leaveOut(read.allowlist, share, changes);
      return;
    }
    const next = place === 'over' ? toOver(read) : read;
    const known = allowlists.get(name);
    const isSame = known !== undefined && isUnchanged(known, next);
    allowlists.set(
      name,
      isSame ? { ...known, generation: next.generation, condition: next.condition } : next,
    );
    if (!isSame) {
      changes.set(next);
    }
  }

  /** Moves an allowlist that is held to another place. */
  function move(name: string, share: BoundedShare, changes: ChangeCollector): void {
    const known = allowlists.get(name);
    const place = share.ledger.placeOf(name);
    if (known === undefined || (place === 'over' && known.isOver)) {
      return;
    }
    if (place === 'in-force') {
      // Its roles were forgotten, so that it denies until it is read again.
      isListNeeded ||= known.isOver;
    } else if (place === 'over') {
      const next = toOver(known);
      allowlists.set(name, next);
      changes.set(next);
    } else {
      leaveOut(known.allowlist, share, changes);
    }
  }

  function leaveOut(allowlist: Allowlist, share: BoundedShare, changes: ChangeCollector): void {
    share.isListedEverywhere ||= !isWithinShare(share.ledger.share, allowlist);
    share.isEverywhere ||= share.isListedEverywhere;
    if (allowlists.delete(allowlist.name)) {
      changes.remove(allowlist.name);
    }
  }

  function updateDenial(share: BoundedShare, changes: ChangeCollector): void {
    const { ledger } = share;
    const denial = ledger.isFull() ? shareDenial(ledger.share, share.isEverywhere) : undefined;
    if (isDeepStrictEqual(denial, share.denial)) {
      return;
    }
    if (denial === undefined) {
      changes.remove(shareDenial(ledger.share, false).name);
    } else {
      changes.setDenial(denial);
    }
    share.denial = denial;
  }

  function set(read: CachedAllowlist): SourceChanges {
    const changes = createChangeCollector();
    const { name } = read.allowlist;
    const share = shareOf(name);
    const entriesBefore = share.ledger.entries();
    const moved = share.ledger.set(name, sizeOf(read.allowlist));
    isListNeeded ||= share.ledger.isFull() && share.ledger.entries() < entriesBefore;
    place(read, share, changes);
    for (const other of moved) {
      move(other, share, changes);
    }
    updateDenial(share, changes);
    return changes.collected();
  }

  return {
    allowlists,
    ledgers: shares.map(({ ledger }) => ledger),
    ledgerOf: (name) => shareOf(name).ledger,
    set: (object) => set(toCachedAllowlist(object)),
    restore: set,
    delete: (name) => {
      const changes = createChangeCollector();
      const share = shareOf(name);
      const moved = share.ledger.delete(name);
      isListNeeded ||= share.ledger.isFull();
      if (allowlists.delete(name)) {
        changes.remove(name);
      }
      for (const other of moved) {
        move(other, share, changes);
      }
      return changes.collected();
    },
    beginList: () => {
      isListNeeded = false;
      for (const share of shares) {
        share.ledger.beginList();
        share.isListedEverywhere = false;
      }
    },
    endList: () => {
      const changes = createChangeCollector();
      for (const share of shares) {
        share.ledger.endList();
        share.isEverywhere = share.isListedEverywhere;
        updateDenial(share, changes);
      }
      return changes.collected();
    },
    needsList: () => isListNeeded,
    findExceededBound: (allowlist) =>
      shareOf(allowlist.name).ledger.findExceeded(allowlist.name, sizeOf(allowlist)),
    all: () => {
      const changes = createChangeCollector();
      for (const cached of allowlists.values()) {
        changes.set(cached);
      }
      for (const { denial } of shares) {
        if (denial !== undefined) {
          changes.setDenial(denial);
        }
      }
      return changes.collected();
    },
  };
}

function toBoundedShare(share: Share): BoundedShare {
  return {
    ledger: createShareLedger(share),
    isEverywhere: false,
    isListedEverywhere: false,
    denial: undefined,
  };
}

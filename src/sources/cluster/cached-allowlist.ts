import { isDeepStrictEqual } from 'node:util';
import { asObject } from '../../json/json.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { readStoredCondition, type StoredCondition } from '../../kubernetes/ready-condition.ts';
import { type ClusterAllowlist, MAX_STATUS_PROBLEMS } from '../../policy/ready-condition.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { denyOnlyFallback, denyOnlyForm, parseAllowlist } from '../../policy/schema/parse.ts';
import { intern, internCut } from '../../text/printable.ts';
import type { Problem } from '../../text/problem.ts';
import type { DeniedState, SourceChanges } from '../source.ts';

/** An allowlist of the cluster, with its identity and its status. Nothing else of the object is kept. */
export type CachedAllowlist = ClusterAllowlist &
  Readonly<{
    uid: string;
    generation: number;
    condition: StoredCondition | undefined;
  }>;

const MAX_UID_CHARACTERS = 64;
/** More of a field's name than a status shows. */
const MAX_KEY_CHARACTERS = 128;
/** Longer than any text of ours, so that a longer one is another's. */
const MAX_MESSAGE_CHARACTERS = 8_192;

/** Reads an allowlist from its object. If our schema rejects it, its deny-only fallback replaces it. */
export function toCachedAllowlist({ name, generation, raw }: KubernetesObject): CachedAllowlist {
  const parsed = parseAllowlist(raw, MAX_STATUS_PROBLEMS);
  return {
    allowlist: internTexts(parsed.ok ? parsed.value : denyOnlyFallback(name, raw['spec'])),
    problems: parsed.ok ? NO_PROBLEMS : parsed.problem.problems.map(shortenPath),
    isOver: false,
    uid: internCut(String(asObject(raw['metadata'])['uid']), MAX_UID_CHARACTERS),
    generation,
    condition: shortenCondition(readStoredCondition(raw)),
  };
}

/** The form of an allowlist that is over its bound: it only denies. */
export function toOver(cached: CachedAllowlist): CachedAllowlist {
  return { ...cached, allowlist: denyOnlyForm(cached.allowlist), isOver: true };
}

/**
 * Whether an allowlist has the same effect when it is read again; caches elsewhere are keyed by its identity. The
 * generation does not suffice: a change of the schema can reveal fields that the object had before.
 */
export function isUnchanged(known: CachedAllowlist, read: CachedAllowlist): boolean {
  return (
    known.uid === read.uid &&
    known.isOver === read.isOver &&
    isDeepStrictEqual([known.allowlist, known.problems], [read.allowlist, read.problems])
  );
}

const NO_PROBLEMS: readonly Problem[] = [];

/** The patterns are nearly all of the memory of allowlists, and most of them occur in several. */
function internTexts({ name, spec }: Allowlist): Allowlist {
  const { namespaces, serviceAccounts, roles } = spec;
  return {
    name,
    spec: {
      ...spec,
      ...(namespaces !== undefined && { namespaces: namespaces.map(intern) }),
      ...(serviceAccounts !== undefined && { serviceAccounts: serviceAccounts.map(intern) }),
      roles: roles.map(intern),
    },
  };
}

/** The name of an unknown field can be as long as an object. */
function shortenPath({ path, ...problem }: Problem): Problem {
  const keys = path.map((key) => (typeof key === 'string' ? internCut(key, MAX_KEY_CHARACTERS) : key));
  return { ...problem, path: keys };
}

function shortenCondition(condition: StoredCondition | undefined): StoredCondition | undefined {
  return (
    condition && {
      ...condition,
      status: internCut(condition.status, MAX_KEY_CHARACTERS),
      reason: internCut(condition.reason, MAX_KEY_CHARACTERS),
      message: internCut(condition.message, MAX_MESSAGE_CHARACTERS),
      lastTransitionTime: internCut(condition.lastTransitionTime, MAX_KEY_CHARACTERS),
    }
  );
}

/** Collects the changes that count together. */
export type ChangeCollector = Readonly<{
  set: (cached: CachedAllowlist) => void;
  /** Adds an allowlist that stands for others that are left out. */
  setDenial: (allowlist: Allowlist) => void;
  remove: (name: string) => void;
  collected: () => SourceChanges;
}>;

export function createChangeCollector(): ChangeCollector {
  const changed: Allowlist[] = [];
  const removed: string[] = [];
  const denied = new Map<string, DeniedState>();
  return {
    set: ({ allowlist, problems, isOver }) => {
      changed.push(allowlist);
      if (isOver) {
        denied.set(allowlist.name, 'over-bound');
      } else if (problems.length > 0) {
        denied.set(allowlist.name, 'invalid');
      }
    },
    setDenial: (allowlist) => {
      changed.push(allowlist);
      denied.set(allowlist.name, 'over-bound');
    },
    remove: (name) => removed.push(name),
    collected: () => ({ changed, removed, denied }),
  };
}

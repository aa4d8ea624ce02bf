import type { ViolationReason } from '../policy/evaluate.ts';
import type { PatchOperation } from './patch.ts';
import type { Pod } from './pod.ts';
import type { Refusal } from './refusal.ts';

/** The two calls in which pods are decided: before and after every other mutating webhook. */
export type Pass = 'mutate' | 'validate';

/** What is done with a request. Alerts are built on these words. */
export type DecisionWord = 'allow' | 'inject' | 'strip' | 'deny' | 'warn' | 'audit';

/** Why it is done. Alerts are built on these words. */
export type DecisionReason =
  | ViolationReason
  | 'allowed'
  | 'no-role'
  | 'default'
  | 'malformed'
  | 'not-decided';

/** Of the lists that allow a role, where every one of them expires, the last to do so: its name and what it says. */
export type BreakGlass = Readonly<{
  allowlist: string;
  expiresAt: string | undefined;
  reason: string | undefined;
}>;

/** All that is to be answered, logged and counted of one request. */
export type Decision = Readonly<{
  decision: DecisionWord;
  reason: DecisionReason;
  /** The pod; undefined where none was decided or it could not be read. */
  pod?: Pod | undefined;
  /** The role that something other than a pod asks for. */
  requestedRole?: string | undefined;
  /** The role that the decision sets. */
  injectedRole?: string | undefined;
  /** The names of the lists it rests on, sorted. */
  allowlists: readonly string[];
  /** The names of equally specific lists with another default than the one injected. */
  conflictsWith?: readonly string[] | undefined;
  /** Set at the validating pass alone, so that a pod counts as one use. */
  breakGlass?: BreakGlass | undefined;
  /** Set where, and only where, the request is refused. */
  refusal?: Refusal | undefined;
  patch: readonly PatchOperation[];
  warnings: readonly string[];
  auditAnnotations: Readonly<Record<string, string>>;
}>;

/** What a decision is made of that rests on no list, changes nothing and has nothing to tell. */
export const NOTHING_TO_DO: Pick<Decision, 'allowlists' | 'patch' | 'warnings' | 'auditAnnotations'> = {
  allowlists: [],
  patch: [],
  warnings: [],
  auditAnnotations: {},
};

/** The answer to whatever is not ours to decide: it passes untouched. */
export const NOT_DECIDED: Decision = { ...NOTHING_TO_DO, decision: 'allow', reason: 'not-decided' };

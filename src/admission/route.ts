import type { Labels } from '../policy/label-selector.ts';
import type { Policy } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import type { ExceededBound } from '../policy/share.ts';
import type { Result } from '../text/problem.ts';
import { type Decision, NOT_DECIDED } from './decision.ts';
import type { AdmissionRequest } from './review.ts';

/** The three steps of a path from a request to its decision. `parse` and `decide` are pure; only `gather` does I/O. */
export type Route<Input, Facts> = Readonly<{
  /** Returns undefined if this path does not decide the request. */
  parse: (request: AdmissionRequest) => Input | undefined;
  /** Returns a promise only if it has to wait: each costs a request a turn of the microtask queue. */
  gather: (input: Input, deps: AdmissionDeps, getCaller: () => Caller) => Facts | Promise<Facts>;
  /** Total: every input has a decision; never throws. */
  decide: (input: Input, facts: Facts) => Decision;
}>;

/** The functions by which a route gathers facts. */
export type AdmissionDeps = Readonly<{
  /** The policy in force. */
  getPolicy: () => Policy;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** The labels of a namespace; undefined if the namespace does not become known in time. */
  getNamespaceLabels: (namespace: string) => Labels | undefined | Promise<Labels | undefined>;
  /** All namespaces with their labels; undefined if the source of allowlists does not know namespaces. */
  getNamespaces: () => ReadonlyMap<string, Labels> | undefined;
  /** The bound that an allowlist would exceed if it is written; undefined if there is none. */
  findExceededBound: (allowlist: Allowlist) => ExceededBound | undefined;
  /**
   * The role of a pod. Callers wait for it in turn.
   *
   * @throws {UndecidedError} if too many wait, or the caller is gone
   */
  getPodRole: (namespace: string, name: string, caller: Caller) => Promise<PodRole>;
  /**
   * Decides again after each change of the allowlists, for a short time and until the decision awaits none. Undefined if
   * the source of allowlists brings no changes while a request waits.
   */
  settle?: Settle | undefined;
}>;

/**
 * @param decision the decision by what is known now, which awaits an allowlist
 * @param decide decides the request again
 */
export type Settle = (
  namespace: string,
  decision: Decision,
  decide: () => Decision | Promise<Decision>,
) => Decision | Promise<Decision>;

/** The role that a pod in the cluster names, undefined if it names none; or why it is not known. */
export type PodRole = Result<string | undefined, PodRoleProblem>;

/** Why the role of a pod is not known. */
export type PodRoleProblem = Readonly<{
  /**
   * `no-such-pod`: there is no pod of this name, or none can have it; `unreadable`: the API server did not answer, try
   * again; `no-access`: the server runs without access to pods.
   */
  kind: 'no-such-pod' | 'unreadable' | 'no-access';
  /** For the log alone: it may be the API server's text. */
  message: string;
}>;

/** The client that waits for the answer to a request. */
export type Caller = Readonly<{
  /** The IP address of its connection. */
  address: string;
  /** Calls the listener when the client has its answer or no longer waits for it. */
  onGone: (listener: () => void) => void;
}>;

/** A request gets no decision; the message is for its caller. */
export class UndecidedError extends Error {
  override name = 'UndecidedError';
  /** `too-many-bindings`: try again later; `aborted`: the caller is gone. */
  readonly reason: 'too-many-bindings' | 'aborted';

  constructor(reason: UndecidedError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Decides the requests of one path.
 *
 * @throws {UndecidedError} in its promise, if the request gets no decision
 */
export type DecideRequest = (
  request: AdmissionRequest,
  getCaller: () => Caller,
) => Decision | Promise<Decision>;

/** Runs a route: parse, gather, decide. */
export function runRoute<Input, Facts>(route: Route<Input, Facts>, deps: AdmissionDeps): DecideRequest {
  return (request, getCaller) => {
    const { namespace } = request;
    const input = route.parse(request);
    if (input === undefined) {
      return NOT_DECIDED;
    }
    const decide = () =>
      whenKnown(route.gather(input, deps, getCaller), (facts) => route.decide(input, facts));
    return whenKnown(decide(), (decision) =>
      decision.awaits === undefined || deps.settle === undefined
        ? decision
        : deps.settle(namespace, decision, decide),
    );
  };
}

/** Calls `goOn` with a value, at once if it is no promise. */
export function whenKnown<Value, Next>(
  value: Value | Promise<Value>,
  goOn: (value: Value) => Next | Promise<Next>,
): Next | Promise<Next> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

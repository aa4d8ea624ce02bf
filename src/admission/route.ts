import type { Labels } from '../policy/label-selector.ts';
import type { Policy } from '../policy/policy.ts';
import type { Result } from '../text/problem.ts';
import { type Decision, NOT_DECIDED } from './decision.ts';
import type { AdmissionRequest } from './review.ts';

/** The three steps of a path from a request to its decision. `parse` and `decide` are pure; only `gather` does I/O. */
export type Route<Input, Facts> = Readonly<{
  /** Returns undefined if this path does not decide the request. */
  parse: (request: AdmissionRequest) => Input | undefined;
  /** Returns a promise only if it has to wait: each costs a request a turn of the microtask queue. */
  gather: (input: Input, deps: AdmissionDeps) => Facts | Promise<Facts>;
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
  /** The role that a pod in the cluster names, or why it is not known. */
  getPodRole: (namespace: string, name: string) => Promise<Result<string | undefined, string>>;
}>;

/** Decides the requests of one path. */
export type DecideRequest = (request: AdmissionRequest) => Decision | Promise<Decision>;

/** Runs a route: parse, gather, decide. */
export function runRoute<Input, Facts>(route: Route<Input, Facts>, deps: AdmissionDeps): DecideRequest {
  return (request) => {
    const input = route.parse(request);
    return input === undefined
      ? NOT_DECIDED
      : whenKnown(route.gather(input, deps), (facts) => route.decide(input, facts));
  };
}

/** Calls `goOn` with a value, at once if it is no promise. */
export function whenKnown<Value, Next>(
  value: Value | Promise<Value>,
  goOn: (value: Value) => Next,
): Next | Promise<Next> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

import type { Labels } from '../policy/label-selector.ts';
import type { Policy } from '../policy/policy.ts';
import type { Result } from '../text/problem.ts';
import { type Decision, NOT_DECIDED } from './decision.ts';
import type { AdmissionRequest } from './review.ts';

/** What a path of the server does with a request. `parse` and `decide` are pure; `gather` does all the waiting. */
export type Route<Input, Facts> = Readonly<{
  /** Undefined if the request is not for this path to decide. */
  parse: (request: AdmissionRequest) => Input | undefined;
  /** A promise only if something has to be waited for: each costs a request a turn of the microtask queue. */
  gather: (input: Input, deps: AdmissionDeps) => Facts | Promise<Facts>;
  /** Total: it answers for every input and never throws. */
  decide: (input: Input, facts: Facts) => Decision;
}>;

/** What a route may ask for while it gathers facts. */
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

/** Goes on at once with a value that is there, and later with one that is promised. */
export function whenKnown<Value, Next>(
  value: Value | Promise<Value>,
  goOn: (value: Value) => Next,
): Next | Promise<Next> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

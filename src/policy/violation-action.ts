/** What happens to a pod that names a role which nothing allows it, the strictest first. */
export const VIOLATION_ACTIONS = ['Deny', 'Strip', 'Warn', 'Audit'] as const;

/** `Deny` refuses the pod, `Strip` removes the annotation, `Warn` and `Audit` admit with a trace. */
export type ViolationAction = (typeof VIOLATION_ACTIONS)[number];

/** The strictest of some actions; taken as a list, since there may be more of them than a call takes arguments. */
export function strictest(first: ViolationAction, others: readonly ViolationAction[]): ViolationAction {
  return others.reduce(
    (strictest, action) =>
      VIOLATION_ACTIONS.indexOf(action) < VIOLATION_ACTIONS.indexOf(strictest) ? action : strictest,
    first,
  );
}

/** Tells whether an action does less about a violation than another. */
export function isSofter(action: ViolationAction, than: ViolationAction): boolean {
  return VIOLATION_ACTIONS.indexOf(action) > VIOLATION_ACTIONS.indexOf(than);
}

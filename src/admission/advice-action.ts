/** What is done about an object that will make pods be refused, or give them a role they may not have. */
export const ADVICE_ACTIONS = ['Deny', 'Warn', 'Off'] as const;

/** `Deny` refuses the object, `Warn` admits it with a warning, `Off` says nothing. */
export type AdviceAction = (typeof ADVICE_ACTIONS)[number];

/** An action that decides something; under `Off` nobody is asked. */
export type DecidedAdviceAction = Exclude<AdviceAction, 'Off'>;

import { compileAllowlist } from '../../policy/allowlist.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Decision } from '../decision.ts';
import { allowlistWarning, invalidWarnings, leftOutWarning } from './allowlist-warnings.ts';
import type { CompiledChange } from './compare-namespaces.ts';
import { warnOfSofterAction } from './lint/change.ts';
import { warnOfAllowlist } from './lint/lint.ts';
import type { AllowlistChange } from './parse-allowlist-change.ts';
import type { NamespaceSurvey } from './survey-namespaces.ts';

/** Makes both sides of a change ready to be asked. */
export function compileChange({ before, after }: AllowlistChange, policy: Policy): CompiledChange {
  return {
    before: before && compileAllowlist(before, policy.isProtectedRole),
    after: compileAllowlist(after, policy.isProtectedRole),
  };
}

/**
 * Decides the change of a list: it always passes, with warnings of what its writer should know. Of a list that will be
 * Invalid little else counts than why. Total and pure.
 */
export function decideAllowlist(
  { problems, more }: AllowlistChange,
  change: CompiledChange,
  survey: NamespaceSurvey,
  policy: Policy,
  now: number,
): Decision {
  const warnings =
    problems.length > 0 ? warnOfSofterAction(change, survey) : warnOfAllowlist(change, survey, policy, now);
  return {
    outcome: 'allow',
    reason: 'allowed',
    allowlists: [],
    patch: [],
    warnings: [
      ...invalidWarnings(problems, more),
      ...warnings.map(allowlistWarning),
      ...(survey.leftOut > 0 ? [leftOutWarning(survey.leftOut)] : []),
    ],
    auditAnnotations: {},
  };
}

import type { CompiledChange } from '../../policy/compare-namespaces.ts';
import { compileAllowlist } from '../../policy/compiled-allowlist.ts';
import type { Policy } from '../../policy/policy.ts';
import type { NamespaceSurvey } from '../../policy/survey-namespaces.ts';
import { warnOfAllowlist } from '../../policy/warn-of-allowlist.ts';
import { warnOfSofterAction } from '../../policy/warn-of-change.ts';
import type { Decision } from '../decision.ts';
import { allowlistWarning, invalidWarnings, leftOutWarning } from './allowlist-warnings.ts';
import type { AllowlistChange } from './parse-allowlist-change.ts';

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
    decision: 'allow',
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

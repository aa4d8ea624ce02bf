import { setTimeout as sleep } from 'node:timers/promises';
import { type ActiveEnforcementAction, NOT_DECIDED } from '../admission/decision.ts';
import { decideInjector } from '../admission/injectors/decide-injector.ts';
import { parseInjectorEdit } from '../admission/injectors/parse-injector.ts';
import type { AdmissionDeps, DecideRequest } from '../admission/route.ts';
import { runTimeSliced } from '../sources/time-slice.ts';

const NEWS_WAIT_MS = 150;

export function decideInjectors(
  { getPolicy, getNamespaces, now }: AdmissionDeps,
  action: ActiveEnforcementAction,
  { excludedNamespaces }: Readonly<{ excludedNamespaces: readonly string[] }>,
): DecideRequest {
  return (request) => {
    const entries = parseInjectorEdit(request);
    if (entries === undefined) {
      return NOT_DECIDED;
    }
    const decide = () => {
      const facts = { action, policy: getPolicy(), namespaces: getNamespaces(), excludedNamespaces };
      return runTimeSliced(decideInjector(entries, facts, now()));
    };
    const rolesAreSet = entries.some(({ isOld }) => !isOld);
    return rolesAreSet && getNamespaces() !== undefined ? sleep(NEWS_WAIT_MS).then(decide) : decide();
  };
}

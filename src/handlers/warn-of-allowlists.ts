import { setTimeout as sleep } from 'node:timers/promises';
import { findAwaitedNews } from '../admission/allowlists/awaited-news.ts';
import { compileChange, decideAllowlist } from '../admission/allowlists/decide-allowlist.ts';
import {
  type AllowlistChange,
  parseAllowlistChange,
} from '../admission/allowlists/parse-allowlist-change.ts';
import { surveyNamespaces } from '../admission/allowlists/survey-namespaces.ts';
import { NOT_DECIDED } from '../admission/decision.ts';
import type { AdmissionDeps, DecideRequest } from '../admission/route.ts';
import { runTimeSliced } from '../sources/time-slice.ts';

/** The API server waits for a second, and passes the list without our warnings after it. */
const FIRST_LOOK_MS = 300;
const LAST_LOOK_MS = 750;

/** Tells whoever writes an allowlist what they should know of it; every one passes. */
export function warnOfAllowlists(deps: AdmissionDeps, settings: Settings): DecideRequest {
  return (request) => {
    const change = parseAllowlistChange(request);
    return change === undefined ? NOT_DECIDED : warnOf(change, deps, settings);
  };
}

type Settings = Readonly<Record<'excludedNamespaces' | 'unmutatedNamespaces', readonly string[]>>;

const NEWS_WAIT_MS = 150;

async function warnOf(
  change: AllowlistChange,
  { getPolicy, getNamespaceLabels, getNamespaces }: AdmissionDeps,
  { excludedNamespaces: excluded, unmutatedNamespaces: unmutated }: Settings,
) {
  const startedAt = performance.now();
  const compiled = compileChange(change, getPolicy());
  const look = (untilMs: number) => {
    const namespaces = { known: getNamespaces(), excluded, unmutated };
    return runTimeSliced(
      surveyNamespaces(getPolicy(), compiled, namespaces, Date.now()),
      startedAt + untilMs,
    );
  };

  let survey = await look(FIRST_LOOK_MS);
  const { namespaces, isPatternUnmatched } = findAwaitedNews(change, survey);
  if (namespaces.length > 0 || isPatternUnmatched) {
    const wait = sleep(NEWS_WAIT_MS);
    await (isPatternUnmatched ? wait : Promise.race([wait, Promise.all(namespaces.map(getNamespaceLabels))]));
    survey = await look(LAST_LOOK_MS);
  }
  return decideAllowlist(change, compiled, survey, getPolicy(), Date.now());
}

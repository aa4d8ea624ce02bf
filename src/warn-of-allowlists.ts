import { setTimeout as sleep } from 'node:timers/promises';
import { compileChange, decideAllowlist } from './admission/decide-allowlist.ts';
import { NOT_DECIDED } from './admission/decision.ts';
import { type AllowlistChange, parseAllowlistChange } from './admission/parse-allowlist-change.ts';
import type { Gathering } from './handlers.ts';
import type { AdmissionHandler } from './http/admission-server.ts';
import { type NamespaceSurvey, surveyNamespaces } from './policy/survey-namespaces.ts';
import { runUntil } from './run-until.ts';

/** A list can arrive before the news of a namespace that was created just before it. */
const NEWS_WAIT_MS = 300;

/** The API server waits for a second, and passes the list without our warnings after it. */
const FIRST_LOOK_MS = 300;
const LAST_LOOK_MS = 750;

/** Tells whoever writes an allowlist what they should know of it; every one passes. */
export function warnOfAllowlists(gathering: Gathering): AdmissionHandler {
  return (request) => {
    const change = parseAllowlistChange(request);
    return change === undefined ? NOT_DECIDED : warnOf(change, gathering);
  };
}

async function warnOf(change: AllowlistChange, { getPolicy, gatherNamespace, knownNamespaces }: Gathering) {
  const startedAt = performance.now();
  const compiled = compileChange(change, getPolicy());
  const look = (untilMs: number) =>
    runUntil(startedAt + untilMs, surveyNamespaces(getPolicy(), compiled, knownNamespaces(), Date.now()));

  let survey = await look(FIRST_LOOK_MS);
  const news = [...survey.missing].map(gatherNamespace);
  if (news.length > 0 || hasUnmatchedPattern(survey)) {
    await Promise.all(hasUnmatchedPattern(survey) ? [...news, sleep(NEWS_WAIT_MS)] : news);
    survey = await look(LAST_LOOK_MS);
  }
  return decideAllowlist(change, compiled, survey, getPolicy(), Date.now());
}

function hasUnmatchedPattern({ unmatched, selectorMatchesNone }: NamespaceSurvey): boolean {
  return unmatched.size > 0 || selectorMatchesNone;
}

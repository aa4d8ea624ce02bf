import { setTimeout as sleep } from 'node:timers/promises';
import { findAwaitedNews } from '../admission/allowlists/awaited-news.ts';
import { compileChange, decideAllowlist } from '../admission/allowlists/decide-allowlist.ts';
import {
  type AllowlistChange,
  parseAllowlistChange,
} from '../admission/allowlists/parse-allowlist-change.ts';
import { NOT_DECIDED } from '../admission/decision.ts';
import type { AdmissionHandler } from '../http/admission-server.ts';
import { surveyNamespaces } from '../policy/survey-namespaces.ts';
import { doInSlices } from '../sources/interruptible.ts';
import { type Gathering, type HandlerSettings, NEWS_WAIT_MS } from './gathering.ts';

/** The API server waits for a second, and passes the list without our warnings after it. */
const FIRST_LOOK_MS = 300;
const LAST_LOOK_MS = 750;

/** Tells whoever writes an allowlist what they should know of it; every one passes. */
export function warnOfAllowlists(gathering: Gathering, settings: Settings): AdmissionHandler {
  return (request) => {
    const change = parseAllowlistChange(request);
    return change === undefined ? NOT_DECIDED : warnOf(change, gathering, settings);
  };
}

type Settings = Pick<HandlerSettings, 'excludedNamespaces' | 'unmutatedNamespaces'>;

async function warnOf(
  change: AllowlistChange,
  { getPolicy, gatherNamespace, knownNamespaces }: Gathering,
  { excludedNamespaces: excluded, unmutatedNamespaces: unmutated }: Settings,
) {
  const startedAt = performance.now();
  const compiled = compileChange(change, getPolicy());
  const look = (untilMs: number) => {
    const namespaces = { known: knownNamespaces(), excluded, unmutated };
    return doInSlices(surveyNamespaces(getPolicy(), compiled, namespaces, Date.now()), startedAt + untilMs);
  };

  let survey = await look(FIRST_LOOK_MS);
  const { namespaces, isPatternUnmatched } = findAwaitedNews(change, survey);
  if (namespaces.length > 0 || isPatternUnmatched) {
    const wait = sleep(NEWS_WAIT_MS);
    await (isPatternUnmatched ? wait : Promise.race([wait, Promise.all(namespaces.map(gatherNamespace))]));
    survey = await look(LAST_LOOK_MS);
  }
  return decideAllowlist(change, compiled, survey, getPolicy(), Date.now());
}

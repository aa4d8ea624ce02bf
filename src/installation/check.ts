import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asArray, asObject, type JsonObject } from '../json/json.ts';
import { errorMessage } from '../text/printable.ts';
import { type Caller, type CheckedObject, checkObject, identify, isConfined } from './checked-object.ts';

const INTERVAL_MS = 60_000;

/** Receives the results of each check. */
export type InstallationObserver = Readonly<{
  recordObjects: (objects: readonly CheckedObject[]) => void;
  /** Whether the server's identity is denied changes of its registration. */
  recordConfinement: (isConfined: boolean) => void;
}>;

export type InstallationCheckOptions = Readonly<{
  client: Caller;
  /** The file with the objects that the chart rendered, as a JSON array. It is read again for each check. */
  file: string;
  observer: InstallationObserver;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** The time between two checks, in milliseconds. */
  intervalMs?: number;
}>;

/** The check of the installation. */
export type InstallationCheck = Readonly<{
  /** Notes for an operator; empty if everything is as the chart rendered it. */
  notes: () => readonly string[];
  close: () => void;
}>;

const UNCONFINED =
  "the server's identity may change its own registration: the policy ca-bundle-only of the chart is missing or names another ServiceAccount";

/**
 * Checks each minute whether the registrations and the lock are as the chart rendered them and, until it is sure, whether
 * the server's identity is confined. The notes and metrics report a problem at once. The log reports it when two checks in
 * a row have found it, because for a while after an upgrade the mounted file is older than the objects.
 */
export function startInstallationCheck(options: InstallationCheckOptions): InstallationCheck {
  const { client, file, observer, logger, intervalMs = INTERVAL_MS } = options;
  const closing = new AbortController();
  const log = createProblemLog(logger);
  let objects: readonly CheckedObject[] = [];
  let confinement: boolean | undefined;
  let fileProblem: string | undefined;

  void run(closing.signal);
  return {
    notes: () => [...listProblems(), ...objects.flatMap(({ addition }) => addition ?? [])],
    close: () => closing.abort(),
  };

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await check();
      log(listProblems());
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async function check(): Promise<void> {
    try {
      const rendered = asArray(JSON.parse(await readFile(file, 'utf8'))).map(asObject);
      objects = await checkObjects(rendered);
      observer.recordObjects(objects);
      if (confinement !== true) {
        confinement = (await isConfined(client, rendered)) ?? confinement;
        observer.recordConfinement(confinement !== false);
      }
      fileProblem = undefined;
    } catch (error) {
      fileProblem = `--installation-file: expected the objects of the chart in ${file}, found ${errorMessage(error)}`;
    }
  }

  /** While the API server gives no answer about an object, its last state stays. */
  async function checkObjects(rendered: readonly JsonObject[]): Promise<readonly CheckedObject[]> {
    const checked: CheckedObject[] = [];
    for (const object of rendered) {
      const { kind, name } = identify(object);
      const known = objects.find((other) => other.kind === kind && other.name === name);
      const result = (await checkObject(client, object)) ?? known;
      if (result !== undefined) {
        checked.push(result);
      }
    }
    return checked;
  }

  function listProblems(): readonly string[] {
    return [
      ...objects.flatMap(({ problem }) => problem ?? []),
      ...(confinement === false ? [UNCONFINED] : []),
      ...(fileProblem === undefined ? [] : [fileProblem]),
    ];
  }
}

/** Logs a problem once, when it is reported the second time in a row, and its end. */
function createProblemLog(logger: Pick<Logger, 'info' | 'warn'>): (problems: readonly string[]) => void {
  let previous: readonly string[] = [];
  const logged = new Set<string>();
  return (problems) => {
    for (const problem of problems) {
      if (previous.includes(problem) && !logged.has(problem)) {
        logged.add(problem);
        logger.warn({ problem }, 'installation differs from the chart');
      }
    }
    for (const problem of logged) {
      if (!problems.includes(problem)) {
        logged.delete(problem);
        logger.info({ problem }, 'installation problem is over');
      }
    }
    previous = problems;
  };
}

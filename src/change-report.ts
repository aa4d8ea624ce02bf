import type { Logger } from 'pino';
import type { DeniedState } from './sources/source.ts';
import { MAX_LISTED } from './text/printable.ts';

/** How an allowlist has changed. */
export type ChangeKind = 'added' | 'changed' | 'removed';

/** Changes that follow each other faster share a line. */
const INTERVAL_MS = 1_000;

/**
 * Logs the changes of allowlists, at most one line a second: the first at once, those after it together.
 *
 * @param denied the allowlists that only deny
 */
export function createChangeReport(
  logger: Logger,
  denied: ReadonlyMap<string, DeniedState>,
): (name: string, kind: ChangeKind) => void {
  let kinds = new Map<string, ChangeKind>();
  let isWaiting = false;
  let loggedAt = Number.NEGATIVE_INFINITY;

  function log(): void {
    const namesOf = (kind: ChangeKind) => namesWith(kinds, kind);
    const invalid = namesWith(denied, 'invalid');
    logger.info(
      {
        ...{ added: namesOf('added'), changed: namesOf('changed'), removed: namesOf('removed') },
        changes: kinds.size,
        invalid: invalid.length > 0 ? invalid : undefined,
      },
      'allowlists reloaded',
    );
    kinds = new Map();
    isWaiting = false;
    loggedAt = performance.now();
  }

  return (name, kind) => {
    kinds.set(name, kind === 'changed' ? (kinds.get(name) ?? kind) : kind);
    if (!isWaiting) {
      isWaiting = true;
      // Changes that count together share a line, so even the first waits for those after it.
      setTimeout(log, Math.max(0, loggedAt + INTERVAL_MS - performance.now())).unref();
    }
  };
}

function namesWith<Kind>(kinds: ReadonlyMap<string, Kind>, wanted: Kind): readonly string[] {
  return [...kinds]
    .filter(([, kind]) => kind === wanted)
    .slice(0, MAX_LISTED)
    .map(([name]) => name);
}

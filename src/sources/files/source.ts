import { isDeepStrictEqual } from 'node:util';
import { type Reading, watchContent } from '../../files/poll.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { failure, UsableError } from '../../text/problem.ts';
import type { AllowlistSource, SourceChanges } from '../source.ts';
import { runTimeSliced, runToEnd, type TimeSliced } from '../time-slice.ts';
import { type FileAllowlists, type LoadedAllowlists, type LoadOptions, loadAllowlists } from './load.ts';
import { type AllowlistFile, readAllowlistFiles } from './read.ts';

/** A file source does not know the labels of namespaces. */
const NO_LABELS: Labels = new Map();

export type FileSourceOptions = Readonly<{
  protectedRoles: readonly string[];
  /** The files have changed and cannot be loaded; the last snapshot stays in force. */
  onProblems: (problems: readonly string[]) => void;
  /** The files that were loaded hold objects of other kinds too: how many of each kind. */
  onOtherKinds: (kinds: ReadonlyMap<string, number>) => void;
}>;

/**
 * Loads allowlists from files that were read.
 *
 * @throws {UsableError} with all problems at once, a line for each
 */
export function loadAllowlistFiles(
  reading: Reading<readonly AllowlistFile[]>,
  protectedRoles: readonly string[],
  options?: LoadOptions,
): FileAllowlists {
  const loaded = runToEnd(load(reading, protectedRoles, options));
  if (!loaded.ok) {
    throw new UsableError(loaded.problem.join('\n'));
  }
  return loaded.value;
}

/**
 * Loads allowlists from a file or directory, and again when their content changes.
 *
 * @throws {UsableError} with all problems at once, a line for each
 */
export function startFileSource(
  path: string,
  { protectedRoles, onProblems, onOtherKinds }: FileSourceOptions,
): AllowlistSource {
  const reading = readAllowlistFiles(path);
  let inForce = use(loadAllowlistFiles(reading, protectedRoles));
  let isClosed = false;
  let loading: Promise<void> = Promise.resolve();
  let watch: ReturnType<typeof watchContent> | undefined;

  return {
    first: Promise.resolve({ changed: inForce, removed: [], denied: NONE_DENIED }),
    watch: (onChanges) => {
      watch = watchContent(
        () => readAllowlistFiles(path),
        reading,
        (changed) => {
          // One after another, so that the last change is passed on last.
          loading = loading.then(() => reload(changed, onChanges));
        },
      );
    },
    report: () => undefined,
    endReports: () => undefined,
    findExceededBound: () => undefined,
    getNamespaceLabels: () => NO_LABELS,
    getNamespaces: () => undefined,
    getPodRole: async () => failure({ kind: 'no-access', message: 'the server runs with --source=file' }),
    notes: () => [],
    close: () => {
      isClosed = true;
      watch?.close();
    },
  };

  function use({ allowlists, otherKinds }: FileAllowlists): readonly Allowlist[] {
    if (otherKinds.size > 0) {
      onOtherKinds(otherKinds);
    }
    return allowlists;
  }

  async function reload(
    changed: Reading<readonly AllowlistFile[]>,
    onChanges: (changes: SourceChanges) => void,
  ): Promise<void> {
    const loaded = await runTimeSliced(load(changed, protectedRoles));
    const changes = loaded.ok
      ? await runTimeSliced(findChanges(inForce, loaded.value.allowlists))
      : undefined;
    if (isClosed) {
      return;
    }
    if (loaded.ok && changes !== undefined) {
      inForce = use(loaded.value);
      onChanges(changes);
    } else if (!loaded.ok) {
      onProblems(loaded.problem);
    }
  }
}

function* load(
  reading: Reading<readonly AllowlistFile[]>,
  protectedRoles: readonly string[],
  options?: LoadOptions,
): TimeSliced<LoadedAllowlists> {
  return reading.ok
    ? yield* loadAllowlists(reading.value, protectedRoles, options)
    : failure([reading.problem]);
}

const NONE_DENIED: SourceChanges['denied'] = new Map();

/** Finds the allowlists in which two contents of the files differ. */
function* findChanges(before: readonly Allowlist[], after: readonly Allowlist[]): TimeSliced<SourceChanges> {
  const known = new Map(before.map((allowlist) => [allowlist.name, allowlist]));
  const changed: Allowlist[] = [];
  for (const allowlist of after) {
    yield;
    if (!isDeepStrictEqual(known.get(allowlist.name), allowlist)) {
      changed.push(allowlist);
    }
    known.delete(allowlist.name);
  }
  return { changed, removed: [...known.keys()], denied: NONE_DENIED };
}

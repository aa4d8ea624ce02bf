import { type Reading, watchContent } from '../../files/poll.ts';
import type { Labels } from '../../policy/label-selector.ts';
import { failure } from '../../text/problem.ts';
import { UsableError } from '../../text/usable-error.ts';
import type { AllowlistSource, Snapshot } from '../source.ts';
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
  const first = toSnapshot(loadAllowlistFiles(reading, protectedRoles));
  let isClosed = false;
  let loading: Promise<void> = Promise.resolve();
  let watch: ReturnType<typeof watchContent> | undefined;

  return {
    first: Promise.resolve(first),
    watch: (onSnapshot) => {
      watch = watchContent(
        () => readAllowlistFiles(path),
        reading,
        (changed) => {
          // One after another, so that the last change is passed on last.
          loading = loading.then(() => reload(changed, onSnapshot));
        },
      );
    },
    report: () => undefined,
    getNamespaceLabels: () => NO_LABELS,
    getNamespaces: () => undefined,
    getPodRole: async () => failure({ kind: 'no-access', message: 'the server runs with --source=file' }),
    notes: () => [],
    close: () => {
      isClosed = true;
      watch?.close();
    },
  };

  function toSnapshot({ allowlists, otherKinds }: FileAllowlists): Snapshot {
    if (otherKinds.size > 0) {
      onOtherKinds(otherKinds);
    }
    return { allowlists, invalid: [] };
  }

  async function reload(
    changed: Reading<readonly AllowlistFile[]>,
    onSnapshot: (snapshot: Snapshot) => void,
  ): Promise<void> {
    const loaded = await runTimeSliced(load(changed, protectedRoles));
    if (isClosed) {
      return;
    }
    if (loaded.ok) {
      onSnapshot(toSnapshot(loaded.value));
    } else {
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

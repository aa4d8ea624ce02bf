import { type Reading, watchContent } from '../../files/poll.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { runTimeSliced, runToEnd, type TimeSliced } from '../time-slice.ts';
import { type LoadedAllowlists, type LoadOptions, loadAllowlists } from './load.ts';
import { type AllowlistFile, readAllowlistFiles } from './read.ts';

/** Who is told of what the source holds once it has changed. */
export type SourceListener = Readonly<{
  onAllowlists: (allowlists: readonly Allowlist[]) => void;
  /** The source cannot be used as it is now; whatever was told last stays in force. */
  onProblems: (problems: readonly string[]) => void;
}>;

/** Allowlists from files, and the watch over them. */
export type FileSource = Readonly<{
  first: readonly Allowlist[];
  watch: (listener: SourceListener) => Readonly<{ close: () => void }>;
}>;

/** Files of allowlists that cannot be used; the message has a line for each problem. */
export class AllowlistFilesError extends Error {
  override name = 'AllowlistFilesError';
}

/**
 * Loads allowlists from files that were read, once.
 *
 * @throws {AllowlistFilesError} with all problems at once
 */
export function loadAllowlistFiles(
  reading: Reading<readonly AllowlistFile[]>,
  protectedRoles: readonly string[],
  options: LoadOptions,
): readonly Allowlist[] {
  return toAllowlists(runToEnd(load(reading, protectedRoles, options)));
}

/**
 * Loads allowlists from a file or directory, to be watched.
 *
 * @throws {AllowlistFilesError} with all problems at once
 */
export function loadFileSource(path: string, protectedRoles: readonly string[]): FileSource {
  const reading = readAllowlistFiles(path);
  return {
    first: toAllowlists(runToEnd(load(reading, protectedRoles))),
    watch: (listener) => {
      let isClosed = false;
      let loading: Promise<void> = Promise.resolve();
      const watch = watchContent(
        () => readAllowlistFiles(path),
        reading,
        (changed) => {
          // One after the other, so that the last change is told last.
          loading = loading
            .then(() => runTimeSliced(load(changed, protectedRoles)))
            .then((loaded) => {
              if (!isClosed) {
                tell(listener, loaded);
              }
            });
        },
      );
      return {
        close: () => {
          isClosed = true;
          watch.close();
        },
      };
    },
  };
}

function* load(
  { content, problem }: ReturnType<typeof readAllowlistFiles>,
  protectedRoles: readonly string[],
  options?: LoadOptions,
): TimeSliced<LoadedAllowlists> {
  return content === undefined
    ? { problems: [problem] }
    : yield* loadAllowlists(content, protectedRoles, options);
}

function toAllowlists({ allowlists, problems }: LoadedAllowlists): readonly Allowlist[] {
  if (allowlists === undefined) {
    throw new AllowlistFilesError(problems.join('\n'));
  }
  return allowlists;
}

function tell(
  { onAllowlists, onProblems }: SourceListener,
  { allowlists, problems }: LoadedAllowlists,
): void {
  if (allowlists === undefined) {
    onProblems(problems);
  } else {
    onAllowlists(allowlists);
  }
}

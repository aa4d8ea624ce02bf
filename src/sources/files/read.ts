import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { Reading } from '../../files/poll.ts';
import { errorMessage } from '../../text/printable.ts';
import { failure, success } from '../../text/problem.ts';

/** A file of allowlists: its path as the user names it, and its content. */
export type AllowlistFile = Readonly<{ path: string; text: string }>;

const EXTENSIONS = ['.yaml', '.yml', '.json'];
const FILES = `files named *${EXTENSIONS.join(', *')}`;

/**
 * Reads a file, or the YAML and JSON files of a directory in the order of their names. Leaves out subdirectories, and
 * names that start with a dot: Kubernetes keeps files of its own under such names in mounted volumes. A directory without
 * such a file fails, because it may be one that is not mounted.
 */
export function readAllowlistFiles(path: string): Reading<readonly AllowlistFile[]> {
  let current = path;
  try {
    const status = statSync(path);
    // A second reading of a pipe would find nothing, which would count as a change.
    if (!status.isDirectory() && !status.isFile()) {
      return unreadable(path, 'something else');
    }
    const files: AllowlistFile[] = [];
    for (const file of status.isDirectory() ? listDirectory(path) : [path]) {
      current = file;
      if (statSync(file).isFile()) {
        files.push({ path: file, text: readFileSync(file, 'utf8') });
      }
    }
    return files.length > 0
      ? success(files)
      : failure(`${path}: expected ${FILES} in the directory, found none`);
  } catch (error) {
    return unreadable(current, errorMessage(error));
  }
}

/** The name of standard input in messages; the path `-` stands for it, as in kubectl. */
export const STANDARD_INPUT = 'standard input';

/**
 * Reads standard input as one file. It fails if it is empty, because the command before the pipe has then failed.
 *
 * @param expected what the file holds, for the problem
 */
export async function readStandardInput(expected = 'allowlists'): Promise<Reading<readonly AllowlistFile[]>> {
  try {
    const read = await text(process.stdin);
    return read.trim() === ''
      ? failure(`${STANDARD_INPUT}: expected ${expected}, found nothing`)
      : success([{ path: STANDARD_INPUT, text: read }]);
  } catch (error) {
    return failure(`${STANDARD_INPUT}: expected ${expected}, found ${errorMessage(error)}`);
  }
}

function unreadable(path: string, found: string): Reading<never> {
  return failure(`${path}: expected a file or directory that can be read, found ${found}`);
}

function listDirectory(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && EXTENSIONS.some((extension) => name.endsWith(extension)))
    .sort()
    .map((name) => join(directory, name));
}

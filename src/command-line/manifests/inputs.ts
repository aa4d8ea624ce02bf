import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readStandardInput, STANDARD_INPUT } from '../../sources/files/read.ts';
import { errorMessage } from '../../text/printable.ts';
import { UsableError } from '../../text/problem.ts';

/** A file of manifests: its path as the user names it, and its text in chunks, which can be read again. */
export type Input = Readonly<{ path: string; read: () => Iterable<string> }>;

const EXTENSIONS = ['.yaml', '.yml', '.json'];
const CHUNK_BYTES = 256 * 1024;
/** No repository has directories this deep inside each other. */
const MAX_DEPTH = 64;

/**
 * Lists the files that the user names: files, directories with the directories inside them, and `-` for standard input. In a
 * directory only YAML and JSON files count, and names that start with a dot do not.
 *
 * @throws {UsableError} if one cannot be read, or a directory has no such file
 */
export async function listInputs(paths: readonly string[]): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  for (const path of paths) {
    inputs.push(...(path === '-' ? await readPipe() : listFiles(path)));
  }
  return inputs;
}

async function readPipe(): Promise<readonly Input[]> {
  const reading = await readStandardInput('manifests');
  if (!reading.ok) {
    throw new UsableError(reading.problem);
  }
  return reading.value.map(({ text }) => ({ path: STANDARD_INPUT, read: () => [text] }));
}

function listFiles(path: string): readonly Input[] {
  try {
    const status = statSync(path);
    if (!status.isDirectory()) {
      return [{ path, read: status.isFile() ? () => readChunks(path) : readOnce(path) }];
    }
    const files = [...walkDirectory(path, 0)];
    if (files.length === 0) {
      throw new UsableError(
        `${path}: expected files named *${EXTENSIONS.join(', *')} in the directory, found none`,
      );
    }
    return files.map((file) => ({ path: file, read: () => readChunks(file) }));
  } catch (error) {
    throw error instanceof UsableError ? error : unreadable(path, error);
  }
}

/** A pipe, such as that of the shell's `<(…)`, gives its text only once. */
function readOnce(path: string): Input['read'] {
  const text = readFileSync(path, 'utf8');
  return () => [text];
}

function* walkDirectory(directory: string, depth: number): Generator<string, void> {
  const entries = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    // A linked directory may contain this one.
    if (entry.isDirectory() && depth < MAX_DEPTH) {
      yield* walkDirectory(path, depth + 1);
    } else if (EXTENSIONS.some((extension) => entry.name.endsWith(extension)) && statSync(path).isFile()) {
      yield path;
    }
  }
}

function* readChunks(path: string): Generator<string, void> {
  const decoder = new TextDecoder();
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      yield decoder.decode(buffer.subarray(0, length), { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function unreadable(path: string, error: unknown): UsableError {
  return new UsableError(
    `${path}: expected a file or directory that can be read, found ${errorMessage(error)}`,
  );
}

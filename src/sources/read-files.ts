import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../files/error-message.ts';
import type { Reading } from '../files/watch-content.ts';

/** A file of allowlists: its path as the user would name it, and what it holds. */
export type AllowlistFile = Readonly<{ path: string; text: string }>;

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/**
 * Reads a file, or of a directory its YAML and JSON files in the order of their names; subdirectories and names
 * that start with a dot are left out (Kubernetes keeps its own among mounted files under such names).
 */
export function readAllowlistFiles(path: string): Reading<readonly AllowlistFile[]> {
  let current = path;
  try {
    const paths = statSync(path).isDirectory() ? listDirectory(path) : [path];
    return {
      content: paths.map((file) => {
        current = file;
        return { path: file, text: readFileSync(file, 'utf8') };
      }),
    };
  } catch (error) {
    return {
      problem: `${current}: expected a file or directory that can be read, found ${errorMessage(error)}`,
    };
  }
}

function listDirectory(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && EXTENSIONS.some((extension) => name.endsWith(extension)))
    .sort()
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

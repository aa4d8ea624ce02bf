import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setOwner } from './set-owner.ts';

export type VolumeFile = { content: Buffer; mode: number; user?: number; group?: number };

/** Relative path → file. */
export type VolumeFiles = Map<string, VolumeFile>;

/**
 * Replaces the files of a volume the way the kubelet does: all of them go into a new directory, the `..data` symlink is
 * swapped to it by a rename, and the visible names are symlinks through `..data`. A reader sees all old or all new.
 */
export function writeAtomically(directory: string, files: VolumeFiles): void {
  const previous = readPrevious(directory);
  const name = `..${new Date().toISOString().replace(/[-:T]/g, '_').slice(0, 19)}.${randomBytes(5).toString('hex')}`;
  makeDirectory(join(directory, name));
  for (const [path, file] of files) {
    const target = join(directory, name, path);
    makeDirectory(dirname(target));
    writeFileSync(target, file.content);
    // The umask of the harness has no say; the owner comes first, because a change of it clears mode bits.
    setOwner(target, file.user, file.group);
    chmodSync(target, file.mode);
  }
  symlinkSync(name, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  linkVisibleNames(directory, new Set([...files.keys()].map((path) => path.split('/')[0] ?? path)));
  if (previous !== undefined) {
    rmSync(join(directory, previous), { recursive: true, force: true });
  }
}

function linkVisibleNames(directory: string, wanted: Set<string>): void {
  const present = readdirSync(directory).filter((entry) => !entry.startsWith('..'));
  for (const entry of wanted) {
    if (!present.includes(entry)) {
      symlinkSync(join('..data', entry), join(directory, entry));
    }
  }
  for (const entry of present) {
    if (!wanted.has(entry)) {
      rmSync(join(directory, entry));
    }
  }
}

function readPrevious(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, '..data'));
  } catch {
    return undefined;
  }
}

function makeDirectory(path: string): void {
  if (mkdirSync(path, { recursive: true }) !== undefined) {
    chmodSync(path, 0o755);
  }
}

import { chownSync } from 'node:fs';

/**
 * Gives a file to a user and a group; undefined leaves either as it is. Only root can: without it every container runs
 * as the user of the harness, who owns the files anyway.
 */
export function setOwner(path: string, user: number | undefined, group: number | undefined): void {
  if (process.getuid?.() === 0) {
    chownSync(path, user ?? -1, group ?? -1);
  }
}

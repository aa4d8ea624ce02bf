import { homedir } from 'node:os';
import { relative, resolve } from 'node:path';

/** A path as a person types it in a shell here: below the current directory, else below home, else absolute. */
export function showPath(path: string): string {
  const fromHere = relative('', path);
  if (!fromHere.startsWith('..')) {
    return inShell(fromHere);
  }
  const fromHome = relative(homedir(), path);
  return fromHome.startsWith('..') ? inShell(resolve(path)) : `~/${inShell(fromHome)}`;
}

function inShell(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The cores that server and client are held to; undefined where the machine cannot or has but one. */
export type Cores = Readonly<{ server: string; client: string }> | undefined;

/** Holds this process, which is the client, to the last core of those it may use, and leaves the first to servers. */
export function divideCores(): Cores {
  if (availableParallelism() < 2) {
    return undefined;
  }
  try {
    const allowed = execFileSync('taskset', ['-pc', String(process.pid)], { encoding: 'utf8' });
    const [server, client] = [/: (\d+)/, /(\d+)\s*$/].map((end) => end.exec(allowed)?.[1]);
    if (server === undefined || client === undefined) {
      return undefined;
    }
    execFileSync('taskset', ['-apc', client, String(process.pid)]);
    return { server, client };
  } catch {
    return undefined;
  }
}

/** A Node program's command line, held to the server's core where there is one. */
export function onServerCore(cores: Cores, args: readonly string[]): readonly [string, ...string[]] {
  return cores === undefined
    ? [process.execPath, ...args]
    : ['taskset', '-c', cores.server, process.execPath, ...args];
}

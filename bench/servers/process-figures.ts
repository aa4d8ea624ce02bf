import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS = 1e9;

/** The resident memory of a process in bytes; undefined where there is no /proc. */
export function readResidentBytes(pid: number): number | undefined {
  const kilobytes = attempt(() => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The processor time that all threads of a process have used, in seconds; undefined where there is no /proc. */
export function readCpuSeconds(pid: number): number | undefined {
  const threads = `/proc/${pid}/task`;
  return attempt(() =>
    readdirSync(threads)
      .map((thread) => Number.parseInt(readFileSync(`${threads}/${thread}/schedstat`, 'utf8'), 10))
      .reduce((sum, nanoseconds) => sum + nanoseconds / NANOSECONDS, 0),
  );
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

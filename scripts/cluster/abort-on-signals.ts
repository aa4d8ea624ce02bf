import process from 'node:process';

export type Interruption = Readonly<{
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** Resolves then. */
  happened: Promise<void>;
}>;

/** From now on these signals no longer end this process: it has processes and a directory to clean up first. */
export function abortOnSignals(): Interruption {
  const controller = new AbortController();
  const { promise: happened, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      controller.abort();
      resolve();
    });
  }
  return { signal: controller.signal, happened };
}

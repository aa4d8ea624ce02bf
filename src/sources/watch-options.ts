import type { ApiClient } from '../kubernetes/api-client.ts';

/** Who is told how the watches of the API server fare. */
export type WatchObserver = Readonly<{
  /** The API server was heard of. */
  onContact: () => void;
  /** A list or watch had to be begun anew; the reason is one of a fixed set of words. */
  onRestart: (reason: string, message: string) => void;
}>;

/** What every watch of a source shares. */
export type WatchOptions = Readonly<{
  client: ApiClient;
  observer: WatchObserver;
  /** How long a watch may say nothing, in milliseconds; the reflector's own where left out. */
  idleTimeoutMs?: number;
}>;

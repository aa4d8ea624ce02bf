import { ApiError } from './client.ts';
import { WatchIdleError } from './list-watch.ts';

/** Milliseconds to wait before the next attempt: doubled each time from `baseMs` to `capMs`, then jittered. */
export function retryDelay(
  attempt: number,
  { baseMs, capMs }: Readonly<{ baseMs: number; capMs: number }>,
): number {
  return jittered(Math.min(capMs, baseMs * 2 ** attempt));
}

/** A random time between half of `ms` and `ms`, so that replicas do not act in step. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** The reason for restarting a list or watch. Alerts depend on these words. */
export type RestartReason =
  | 'expired'
  | 'idle'
  | 'unauthorized'
  | 'forbidden'
  | 'throttled'
  | 'server-error'
  | 'connection';

/** The reason for a restart after an error; errors that the API server did not send count as the connection's. */
export function classifyRestart(error: unknown): RestartReason {
  if (error instanceof WatchIdleError) {
    return 'idle';
  }
  if (!(error instanceof ApiError)) {
    return 'connection';
  }
  switch (error.status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 410:
      return 'expired';
    case 429:
      return 'throttled';
    default:
      return 'server-error';
  }
}

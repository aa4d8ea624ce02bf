import { ApiError } from './client.ts';
import { WatchIdleError } from './list-watch.ts';

/** Milliseconds to wait before another attempt: doubled each time from `baseMs` to `capMs`, of which a random part, half at least. */
export function retryDelay(
  attempt: number,
  { baseMs, capMs }: Readonly<{ baseMs: number; capMs: number }>,
): number {
  return jittered(Math.min(capMs, baseMs * 2 ** attempt));
}

/** Between half and all of some milliseconds, so that replicas do not act in step. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** Why a list or watch had to be begun anew. Alerts are built on these words. */
export type RestartReason =
  | 'expired'
  | 'idle'
  | 'unauthorized'
  | 'forbidden'
  | 'throttled'
  | 'server-error'
  | 'connection';

/** Sorts what ended a list or watch; whatever is not the API server's own answer counts as the connection's. */
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

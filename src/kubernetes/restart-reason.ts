import { ApiError } from './api-client.ts';
import { WatchIdleError } from './watch-objects.ts';

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

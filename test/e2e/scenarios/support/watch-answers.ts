/** Answers to a watch by which it fails, and the reason under which beginning it anew is counted. */
export const WATCH_ANSWERS = [
  { status: 401, reason: 'unauthorized' },
  { status: 403, reason: 'forbidden' },
  { status: 410, reason: 'expired' },
  { status: 429, reason: 'throttled' },
  { status: 500, reason: 'server-error' },
] as const;

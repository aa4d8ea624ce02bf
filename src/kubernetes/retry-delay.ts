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

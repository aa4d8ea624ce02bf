/** An error that the operator can act on: its message says what is wrong, and there is no need for a stack trace. */
export class UsableError extends Error {
  override name = 'UsableError';
}

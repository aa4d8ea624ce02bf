/** An error that the operator can fix. Its message suffices; a stack trace would not help. */
export class UsableError extends Error {
  override name = 'UsableError';
}

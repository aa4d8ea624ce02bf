/** The client that waits for the answer to a request. */
export type Caller = Readonly<{
  /** The IP address of its connection. */
  address: string;
  /** Calls the listener when the client has its answer or no longer waits for it. */
  onGone: (listener: () => void) => void;
}>;

/** A request gets no decision; the message is for its caller. */
export class UndecidedError extends Error {
  override name = 'UndecidedError';
  /** `too-many-bindings`: try again later; `aborted`: the caller is gone. */
  readonly reason: 'too-many-bindings' | 'aborted';

  constructor(reason: UndecidedError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

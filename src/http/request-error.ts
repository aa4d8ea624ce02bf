const STATUS_CODES = {
  'not-json': 400,
  'not-a-review': 400,
  'too-many-values': 400,
  aborted: 400,
  'not-found': 404,
  'body-too-large': 413,
  'content-type': 415,
  'large-bodies': 503,
} as const;

/** Why a request got no decision. Alerts are built on these words. */
export type RejectionReason = keyof typeof STATUS_CODES;

/** A request that gets no decision; the message is for whoever sent it. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly reason: RejectionReason;
  readonly statusCode: number;

  constructor(reason: RejectionReason, message: string) {
    super(message);
    this.reason = reason;
    this.statusCode = STATUS_CODES[reason];
  }
}

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The time of something that has not happened. */
export const NEVER = -1;

/** The state of a connection, mostly in plain numbers, because they change with every request. Times are in milliseconds. */
export type Connection = {
  /** The TCP socket. */
  readonly socket: Socket;
  readonly address: string;
  readonly openedAt: number;
  /** The socket that carries HTTP; undefined during the TLS handshake. */
  stream: Socket | undefined;
  /** When the first byte of the present request arrived. */
  begunAt: number;
  /** The latest answer, until all of its request and of itself is through. */
  response: ServerResponse | undefined;
  /** Whether the latest request was answered. */
  isAnswered: boolean;
  /** The number of its latest answer among the answers of the server. */
  answerNumber: number;
  /** The bytes of `socket` that had been read when the latest answer ended, or when the handshake did. */
  bytesRead: number;
  /** Whether the latest answer ended before its request did. */
  isAnsweredEarly: boolean;
};

/** The state of a new connection. */
export function openConnection(socket: Socket, address: string, now: number): Connection {
  return {
    socket,
    address,
    openedAt: now,
    stream: undefined,
    begunAt: NEVER,
    response: undefined,
    isAnswered: false,
    answerNumber: 0,
    bytesRead: 0,
    isAnsweredEarly: false,
  };
}

/**
 * What the server waits for on a connection: `unused` has sent no byte of a request, `unfinished` a part of one,
 * `waiting` all of one that has no answer yet, and `idle` has been answered.
 */
export type ConnectionState = 'unused' | 'unfinished' | 'waiting' | 'idle';

export function stateOf({ response, isAnswered, begunAt }: Connection): ConnectionState {
  if (response !== undefined) {
    if (!response.req.complete) {
      return 'unfinished';
    }
    return isAnswered ? 'idle' : 'waiting';
  }
  if (begunAt !== NEVER) {
    return 'unfinished';
  }
  return isAnswered ? 'idle' : 'unused';
}

/**
 * Whether a request came after the answer to the last one: some bytes of it were read after that answer had ended. A
 * client that waits for the answer cannot send it sooner. The `finish` of the answer would come too late: TLS reports a
 * write at the end of the turn of the event loop, and the kernel may have the next request before that.
 */
export function isAnswerTaken({ socket, isAnswered, bytesRead }: Connection): boolean {
  return isAnswered && socket.bytesRead > bytesRead;
}

/** Prepares a connection for its next request, once all of the last one and of its answer is through. */
export function forgetRequest(connection: Connection): void {
  connection.response = undefined;
  connection.begunAt = NEVER;
  if (connection.isAnsweredEarly) {
    connection.bytesRead = connection.socket.bytesRead;
  }
}

/** Whether a byte of a request has arrived on a connection that is unused or idle. */
export function hasBegun({ socket, stream, isAnswered, bytesRead }: Connection): boolean {
  // Before its first request, the bytes of the handshake and those of a request may have arrived in one piece.
  return isAnswered ? socket.bytesRead > bytesRead : stream !== undefined && stream.bytesRead > 0;
}

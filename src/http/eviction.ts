import { type Connection, stateOf } from './connection.ts';

/** API servers send a request as soon as they have connected; an unused connection is kept for this long. */
export const UNUSED_GRACE_MS = 1_000;

/** An unfinished request is left alone for this long while another connection can go. */
const UNFINISHED_GRACE_MS = 500;

/**
 * Chooses the connection to close for a new one: the oldest unused one; else the one with the oldest unfinished
 * request; else the one that has been idle the longest. If there is none, or it is too young, it chooses among those
 * that wait for the rest of a request or of a handshake: the oldest one of the address that has the most connections.
 * Returns undefined if all wait for an answer.
 *
 * One look at each of at most 1,000 connections takes less time than to accept one.
 *
 * @param places the number of connections of each address
 */
export function chooseEvicted(
  connections: Iterable<Connection>,
  places: ReadonlyMap<string, number>,
  now: number,
): Connection | undefined {
  let oldestUnused: Connection | undefined;
  let oldestUnfinished: Connection | undefined;
  let longestIdle: Connection | undefined;
  let crowding: Connection | undefined;
  for (const connection of connections) {
    switch (stateOf(connection)) {
      case 'unused':
        oldestUnused = older(oldestUnused, connection);
        crowding = moreCrowding(crowding, connection, places);
        break;
      case 'unfinished':
        oldestUnfinished = older(oldestUnfinished, connection);
        crowding = moreCrowding(crowding, connection, places);
        break;
      case 'idle':
        longestIdle =
          longestIdle === undefined || connection.answerNumber < longestIdle.answerNumber
            ? connection
            : longestIdle;
        break;
      case 'waiting':
    }
  }

  if (oldestUnused !== undefined && now - waitingSince(oldestUnused) > UNUSED_GRACE_MS) {
    return oldestUnused;
  }
  if (oldestUnfinished !== undefined && now - waitingSince(oldestUnfinished) > UNFINISHED_GRACE_MS) {
    return oldestUnfinished;
  }
  return longestIdle ?? crowding;
}

function older(one: Connection | undefined, other: Connection): Connection {
  return one === undefined || waitingSince(other) < waitingSince(one) ? other : one;
}

function moreCrowding(
  one: Connection | undefined,
  other: Connection,
  places: ReadonlyMap<string, number>,
): Connection {
  const difference = (places.get(other.address) ?? 0) - (places.get(one?.address ?? '') ?? 0);
  return one === undefined || difference > 0 || (difference === 0 && older(one, other) === other)
    ? other
    : one;
}

/** The time since when the server waits for a request, or for the rest of one. */
function waitingSince({ begunAt, openedAt }: Connection): number {
  return Math.max(begunAt, openedAt);
}

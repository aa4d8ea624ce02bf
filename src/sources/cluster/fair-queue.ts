import { type Caller, UndecidedError } from '../../admission/route.ts';

// Built once: the stack of an error costs more than the rest of a rejection.
const TOO_MANY = new UndecidedError('too-many-bindings', 'too many Bindings at once; try again');
const GONE = new UndecidedError('aborted', 'the connection was closed');

export type FairQueueLimits = Readonly<{
  /** The most keys that are worked on at one time. */
  places: number;
  /** The most of them for one address while another address waits. */
  placesPerAddress: number;
  /** How many more of them, for addresses that hold no place. */
  firstPlaces: number;
  /** The most callers that wait. */
  maxWaiting: number;
  maxWaitMs: number;
}>;

/**
 * Work by key, for many callers, in turn by their address. An address has its turn only while it holds fewer places than are
 * free, so one alone holds at most half of them, and fewer while another waits. An address that holds none can take a first
 * place instead. So work that does not end keeps no other address waiting, unless it is asked for by more addresses than
 * there are first places.
 */
export type FairQueue<Value> = Readonly<{
  /**
   * Resolves to the value of a key. The work on it starts after the call, never before, and is shared by all that wait for
   * the key when it starts; a key is worked on once at a time.
   *
   * @throws {UndecidedError} if the turn does not come in time, too many wait, or the caller is gone
   */
  ask: (key: string, caller: Caller) => Promise<Value>;
}>;

type Ticket<Value> = Readonly<{
  address: string;
  key: string;
  resolve: (value: Promise<Value>) => void;
  reject: (error: UndecidedError) => void;
}>;

export function createFairQueue<Value>(
  work: (key: string) => Promise<Value>,
  { places, placesPerAddress, firstPlaces, maxWaiting, maxWaitMs }: FairQueueLimits,
): FairQueue<Value> {
  /** By address; the addresses are in the order of their turns, the tickets in the order of their arrival. */
  const waiting = new Map<string, Set<Ticket<Value>>>();
  let waitingCount = 0;
  /** The keys under way, and the address for which each was started. */
  const running = new Map<string, string>();

  function enter(ticket: Ticket<Value>): void {
    const tickets = waiting.get(ticket.address);
    if (tickets === undefined) {
      waiting.set(ticket.address, new Set([ticket]));
    } else {
      tickets.add(ticket);
    }
    waitingCount++;
  }

  /** Returns false if the ticket does not wait any more. */
  function leave(ticket: Ticket<Value>): boolean {
    const tickets = waiting.get(ticket.address);
    if (!tickets?.delete(ticket)) {
      return false;
    }
    if (tickets.size === 0) {
      waiting.delete(ticket.address);
    }
    waitingCount--;
    return true;
  }

  function giveUp(ticket: Ticket<Value>, error: UndecidedError): void {
    if (leave(ticket)) {
      ticket.reject(error);
    }
  }

  function startNext(): void {
    while (running.size < places + firstPlaces) {
      const ticket = findNext();
      if (ticket === undefined) {
        return;
      }
      start(ticket);
    }
  }

  function findNext(): Ticket<Value> | undefined {
    const free = places - running.size;
    const most = waiting.size === 1 ? free : Math.min(free, placesPerAddress);
    for (const [address, tickets] of waiting) {
      const held = countRunning(address);
      if (held < most || held === 0) {
        for (const ticket of tickets) {
          if (!running.has(ticket.key)) {
            return ticket;
          }
        }
      }
    }
    return undefined;
  }

  function countRunning(address: string): number {
    let count = 0;
    for (const owner of running.values()) {
      count += owner === address ? 1 : 0;
    }
    return count;
  }

  function start({ key, address }: Ticket<Value>): void {
    const result = work(key);
    running.set(key, address);
    for (const tickets of waiting.values()) {
      for (const ticket of tickets) {
        if (ticket.key === key && leave(ticket)) {
          ticket.resolve(result);
        }
      }
    }
    moveToTheEnd(address);
    const finish = () => {
      running.delete(key);
      startNext();
    };
    result.then(finish, finish);
  }

  function moveToTheEnd(address: string): void {
    const tickets = waiting.get(address);
    if (tickets !== undefined) {
      waiting.delete(address);
      waiting.set(address, tickets);
    }
  }

  /** The newest ticket of the address with the most, so that one address cannot keep the others out of the queue. */
  function chooseSurplus(): Ticket<Value> | undefined {
    let most: ReadonlySet<Ticket<Value>> = new Set();
    for (const tickets of waiting.values()) {
      most = tickets.size >= most.size ? tickets : most;
    }
    return [...most].at(-1);
  }

  return {
    ask: (key, { address, onGone }) => {
      const { promise, resolve, reject } = Promise.withResolvers<Value>();
      const ticket: Ticket<Value> = { address, key, resolve, reject };
      enter(ticket);
      startNext();
      if (waitingCount > maxWaiting) {
        giveUp(chooseSurplus() ?? ticket, TOO_MANY);
      }
      if (waiting.get(address)?.has(ticket)) {
        setTimeout(() => giveUp(ticket, TOO_MANY), maxWaitMs).unref();
        onGone(() => giveUp(ticket, GONE));
      }
      return promise;
    },
  };
}

import type { Logger } from 'pino';
import type { ServerClock } from './client.ts';

/** Answers carry whole seconds, and take up to some seconds on their way. */
const TOLERATED_MS = 60_000;
const INTERVAL_MS = 10_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** The comparison of our clock with the API server's. */
export type ClockCheck = Readonly<{
  /** Notes for an operator; empty if the clocks agree. */
  notes: () => readonly string[];
  close: () => void;
}>;

/** Compares the clocks every few seconds, and logs when they begin or cease to differ. */
export function startClockCheck({ clockOffsetMs }: ServerClock, logger: Logger): ClockCheck {
  let isWrong = false;
  const timer = setInterval(check, INTERVAL_MS).unref();

  function check(): void {
    const note = describe(clockOffsetMs());
    if (note !== undefined && !isWrong) {
      logger.error(note);
    } else if (note === undefined && isWrong) {
      logger.info("the clock agrees with the API server's again");
    }
    isWrong = note !== undefined;
  }

  return {
    notes: () => {
      const note = describe(clockOffsetMs());
      return note === undefined ? [] : [note];
    },
    close: () => clearInterval(timer),
  };
}

function describe(offsetMs: number | undefined): string | undefined {
  if (offsetMs === undefined || Math.abs(offsetMs) < TOLERATED_MS) {
    return undefined;
  }
  const distance = Math.abs(offsetMs);
  const amount =
    distance < 2 * DAY_MS ? `${Math.round(distance / SECOND_MS)} s` : `${Math.round(distance / DAY_MS)} days`;
  const direction = offsetMs < 0 ? 'ahead of' : 'behind';
  return `the clock is ${amount} ${direction} the API server's: set it, because allowlists expire by it; certificates follow the API server's`;
}

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRIC_PREFIX } from './metric-prefix.ts';

/** Seconds; a decision takes well under a millisecond, the API server waits up to three seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Decisions are handed to prom-client so many at a time: it makes a text of the labels of each, and done between
 * two requests that costs several times as much as done in a row.
 */
const BATCH = 32;

type CountedDecision = Readonly<{ path: string; decision: string; reason: string; seconds: number }>;

/** What is counted of requests. No label ever comes from a request: their number must stay bounded. */
export type AdmissionMetrics = Readonly<{
  countDecision: (path: string, decision: string, reason: string, seconds: number) => void;
  /** Counts the use of a list that is open for a time only. */
  countBreakGlass: () => void;
  /** Counts a request or connection that got no decision; the reason is one of a fixed set of words. */
  countRejected: (reason: string) => void;
  requestStarted: () => void;
  requestEnded: () => void;
}>;

export function createAdmissionMetrics(registry: Registry): AdmissionMetrics {
  const registers = [registry];
  const pending: CountedDecision[] = [];
  let inFlight = 0;
  const decisions = new Counter({
    name: `${METRIC_PREFIX}decisions_total`,
    help: 'Decisions by path, decision and reason.',
    labelNames: ['path', 'decision', 'reason'],
    registers,
    collect: handOver,
  });
  const duration = new Histogram({
    name: `${METRIC_PREFIX}request_duration_seconds`,
    help: 'Time from the head of a request to its answer, by path.',
    labelNames: ['path'],
    buckets: DURATION_BUCKETS,
    registers,
    collect: handOver,
  });
  new Gauge({
    name: `${METRIC_PREFIX}requests_in_flight`,
    help: 'Requests that have not been answered yet.',
    registers,
    collect() {
      this.set(inFlight);
    },
  });
  const rejected = new Counter({
    name: `${METRIC_PREFIX}rejected_requests_total`,
    help: 'Requests and connections that got no decision, by reason.',
    labelNames: ['reason'],
    registers,
  });

  const breakGlass = new Counter({
    name: `${METRIC_PREFIX}break_glass_total`,
    help: 'Pods, dry runs apart, whose role only allowlists with expiresAt allow.',
    registers,
  });

  return {
    countDecision: (path, decision, reason, seconds) => {
      pending.push({ path, decision, reason, seconds });
      if (pending.length >= BATCH) {
        handOver();
      }
    },
    countBreakGlass: () => breakGlass.inc(),
    countRejected: (reason) => rejected.inc({ reason }),
    requestStarted: () => {
      inFlight++;
    },
    requestEnded: () => {
      inFlight--;
    },
  };

  function handOver(): void {
    for (const { path, decision, reason, seconds } of pending) {
      decisions.inc({ path, decision, reason });
      duration.observe({ path }, seconds);
    }
    pending.length = 0;
  }
}

import type { Registry } from 'prom-client';
import type { AdmissionObserver, CountedDecision } from '../http/admission-server.ts';
import { REJECTION_REASONS } from '../http/rejections.ts';
import type { Policy } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { firstSorted } from '../text/sorted.ts';
import { counter, gauge, histogram } from './metrics.ts';

/** Seconds; a decision takes well under a millisecond, the API server waits up to three seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * The number of decisions that are passed to prom-client at once. It builds a text of the labels of each one, which
 * costs several times as much between two requests as in a row.
 */
const BATCH = 32;

/** How long the namespaces that have a counter of their own stay the same. */
const NAMESPACES_MS = 1_000;

/** The most namespaces that have a counter of their own. */
const MAX_NAMESPACES = 200;
const OTHER = 'other';

/** The labels that the metrics of requests know from the start, and the namespaces that get a counter of their own. */
export type AdmissionLabels = Readonly<{
  /** The reasons of each outcome of each path. */
  decisions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  getPolicy: () => Pick<Policy, 'allowlists' | 'isNamed'>;
  /** All namespaces; undefined if the source does not know namespaces. */
  getNamespaces: () => ReadonlyMap<string, unknown> | undefined;
}>;

/** Creates the metrics of requests. No label value comes from a request, so that their number stays bounded. */
export function createAdmissionMetrics(registry: Registry, labels: AdmissionLabels): AdmissionObserver {
  const pending: CountedDecision[] = [];
  let inFlight = 0;
  const decisions = counter(
    registry,
    'decisions_total',
    'Decisions, by path, decision, reason and dry run.',
    {
      labels: ['path', 'decision', 'reason', 'dry_run'],
      series: listDecisions(labels),
      collect: flush,
    },
  );
  const duration = histogram(
    registry,
    'request_duration_seconds',
    'Time from the head of a request to its answer, by path.',
    { labels: ['path'], buckets: DURATION_BUCKETS, collect: flush },
  );
  for (const path of Object.keys(labels.decisions)) {
    duration.zero({ path });
  }
  const countDenial = createDenialCounter(registry, labels);
  const requestsInFlight = gauge(registry, 'requests_in_flight', 'Requests that are not answered yet.', {
    collect: () => requestsInFlight.set(inFlight),
  });
  const rejected = counter(
    registry,
    'rejected_requests_total',
    'Requests and connections that got no decision, by reason.',
    {
      labels: ['reason'],
      series: REJECTION_REASONS.map((reason) => ({ reason })),
    },
  );
  const breakGlass = counter(
    registry,
    'break_glass_total',
    'Pods, except dry runs, whose role only allowlists with expiresAt allow.',
  );

  return {
    countDecision: (decision) => {
      pending.push(decision);
      if (pending.length >= BATCH) {
        flush();
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

  function flush(): void {
    for (const { path, outcome, reason, isDryRun, namespace, seconds } of pending) {
      decisions.inc({ path, decision: outcome, reason, dry_run: String(isDryRun) });
      duration.observe({ path }, seconds);
      if (outcome === 'deny' && !isDryRun) {
        countDenial(namespace);
      }
    }
    pending.length = 0;
  }
}

function listDecisions({ decisions }: AdmissionLabels) {
  return Object.entries(decisions).flatMap(([path, outcomes]) =>
    Object.entries(outcomes).flatMap(([decision, reasons]) =>
      reasons.flatMap((reason) =>
        ['false', 'true'].map((dryRun) => ({ path, decision, reason, dry_run: dryRun })),
      ),
    ),
  );
}

/**
 * Creates the counter of denials by namespace. A namespace has its own if it exists and an allowlist names it exactly, up
 * to 200 by name. Anyone who reaches the port can send other names.
 */
function createDenialCounter(
  registry: Registry,
  { getPolicy, getNamespaces }: AdmissionLabels,
): (namespace: string) => void {
  let named = new Set<string>();
  let endsAt = Number.NEGATIVE_INFINITY;
  const denials = counter(
    registry,
    'denials_by_namespace_total',
    'Denied requests, except dry runs, by namespace; other stands for all that have no counter of their own.',
    { labels: ['namespace'], series: [{ namespace: OTHER }], collect: update },
  );

  function update(): void {
    if (performance.now() < endsAt) {
      return;
    }
    const { allowlists, isNamed } = getPolicy();
    const candidates = getNamespaces()?.keys() ?? namesIn(allowlists.values());
    const own = candidates.filter((namespace) => isNamed(namespace) && namespace !== OTHER);
    const next = new Set(firstSorted(own, MAX_NAMESPACES));
    for (const namespace of named.difference(next)) {
      denials.remove({ namespace });
    }
    for (const namespace of next.difference(named)) {
      denials.inc({ namespace }, 0);
    }
    named = next;
    endsAt = performance.now() + NAMESPACES_MS;
  }

  return (namespace) => {
    update();
    denials.inc({ namespace: named.has(namespace) ? namespace : OTHER });
  };
}

function* namesIn(allowlists: Iterable<Pick<Allowlist, 'spec'>>): Generator<string> {
  for (const { spec } of allowlists) {
    yield* spec.namespaces ?? [];
  }
}

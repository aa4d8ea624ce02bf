import type { Registry } from 'prom-client';
import eventLoopLag from 'prom-client/lib/metrics/eventLoopLag.js';
import heapSizeAndUsed from 'prom-client/lib/metrics/heapSizeAndUsed.js';
import heapSpacesSizeAndUsed from 'prom-client/lib/metrics/heapSpacesSizeAndUsed.js';
import osMemoryHeap from 'prom-client/lib/metrics/osMemoryHeap.js';
import processCpuTotal from 'prom-client/lib/metrics/processCpuTotal.js';
import processMaxFileDescriptors from 'prom-client/lib/metrics/processMaxFileDescriptors.js';
import processOpenFileDescriptors from 'prom-client/lib/metrics/processOpenFileDescriptors.js';
import processResources from 'prom-client/lib/metrics/processResources.js';
import processStartTime from 'prom-client/lib/metrics/processStartTime.js';
import version from 'prom-client/lib/metrics/version.js';

const EVENT_LOOP_PRECISION_MS = 10;

/**
 * Registers prom-client's default metrics of the process and its event loop, all but those of garbage
 * collection: to observe each collection costs a tenth of all requests.
 */
export function collectProcessMetrics(registry: Registry): void {
  processCpuTotal(registry);
  processStartTime(registry);
  osMemoryHeap(registry);
  processOpenFileDescriptors(registry);
  processMaxFileDescriptors(registry);
  processResources(registry);
  eventLoopLag(registry, { eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  heapSizeAndUsed(registry);
  heapSpacesSizeAndUsed(registry);
  version(registry);
}

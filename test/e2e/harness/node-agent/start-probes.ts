import { setTimeout as delay } from 'node:timers/promises';
import type { Action, Container, Probe } from '../pod-spec.ts';

export type ProbeHandlers = {
  /** Runs the action once; rejects when it fails or takes longer than the timeout in milliseconds. */
  run(action: Action, timeoutMs: number): Promise<void>;
  onStarted(): void;
  onReady(ready: boolean): void;
  /** The container is to be restarted, because its startup or liveness probe failed for good. */
  onFailure(message: string): void;
};

const eagerMs = 100;

/**
 * Runs the probes of a container that has just started: the startup probe first, then readiness and liveness. A probe
 * that is not there counts as passed. Returns a function that ends them.
 *
 * Until a startup or readiness probe has passed once it is tried every 100 ms, and a period without success counts as
 * one failure: a test need not wait for the rest of a period, and thresholds mean what they mean to the kubelet.
 */
export function startProbes(container: Container, handlers: ProbeHandlers): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function followProbes(): Promise<void> {
    if (container.startupProbe !== undefined) {
      const passed = await runStartup(container.startupProbe);
      if (!passed) {
        return;
      }
    }
    handlers.onStarted();
    if (container.readinessProbe === undefined) {
      handlers.onReady(true);
    }
    await Promise.all([runReadiness(container.readinessProbe), runLiveness(container.livenessProbe)]);
  }

  async function runStartup(probe: Probe): Promise<boolean> {
    let failures = 0;
    for await (const error of attempts(probe, true)) {
      if (error === undefined) {
        return true;
      }
      failures += 1;
      if (failures >= (probe.failureThreshold ?? 3)) {
        handlers.onFailure(`startup probe failed: ${error.message}`);
        return false;
      }
    }
    return false;
  }

  async function runReadiness(probe: Probe | undefined): Promise<void> {
    let passed = 0;
    let failed = 0;
    for await (const error of attempts(probe, true)) {
      passed = error === undefined ? passed + 1 : 0;
      failed = error === undefined ? 0 : failed + 1;
      if (passed >= (probe?.successThreshold ?? 1)) {
        handlers.onReady(true);
      } else if (failed >= (probe?.failureThreshold ?? 3)) {
        handlers.onReady(false);
      }
    }
  }

  async function runLiveness(probe: Probe | undefined): Promise<void> {
    let failed = 0;
    for await (const error of attempts(probe, false)) {
      failed = error === undefined ? 0 : failed + 1;
      if (error !== undefined && failed >= (probe?.failureThreshold ?? 3)) {
        handlers.onFailure(`liveness probe failed: ${error.message}`);
        return;
      }
    }
  }

  /** Yields undefined for each success and the error for each failure, until stopped. */
  async function* attempts(probe: Probe | undefined, eager: boolean): AsyncGenerator<Error | undefined> {
    if (probe === undefined) {
      return;
    }
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    let passedOnce = !eager;
    await pause((probe.initialDelaySeconds ?? 0) * 1000);
    while (!signal.aborted) {
      const deadline = performance.now() + periodMs;
      let error = await attempt(probe);
      while (
        error !== undefined &&
        !passedOnce &&
        !signal.aborted &&
        performance.now() + eagerMs < deadline
      ) {
        await pause(eagerMs);
        error = await attempt(probe);
      }
      if (signal.aborted) {
        return;
      }
      passedOnce ||= error === undefined;
      yield error;
      await pause(deadline - performance.now());
    }
  }

  async function attempt(probe: Probe): Promise<Error | undefined> {
    try {
      await handlers.run(probe, (probe.timeoutSeconds ?? 1) * 1000);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  function pause(ms: number): Promise<unknown> {
    return delay(Math.max(ms, 0), undefined, { signal }).catch(() => undefined);
  }

  // Every failure of a probe is a value, so what is caught here can only come from a handler, and ends the harness.
  followProbes();
  return () => stopping.abort();
}

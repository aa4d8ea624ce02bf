/** The parts of which prom-client's collectDefaultMetrics is made; it has no types for them. */
declare module 'prom-client/lib/metrics/*.js' {
  import type { Registry } from 'prom-client';

  const collect: (registry: Registry, config?: Readonly<{ eventLoopMonitoringPrecision: number }>) => void;
  export default collect;
}

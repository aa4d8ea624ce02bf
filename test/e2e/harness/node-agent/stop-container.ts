import type { Container } from '../pod-spec.ts';
import { settlesWithin } from '../wait-for.ts';
import type { LaunchedContainer } from './launch-container.ts';
import { runAction } from './run-action.ts';

export type StopOptions = { container: Container; podAddress: string; graceMs: number };

const minimumGraceMs = 2000;

/**
 * preStop, then SIGTERM, and SIGKILL when the grace period in milliseconds, which preStop is a part of, is over.
 * Resolves when the process has ended.
 */
export async function stopContainer(launched: LaunchedContainer, options: StopOptions): Promise<void> {
  const { process, environment } = launched;
  const { container, podAddress, graceMs } = options;
  const deadline = performance.now() + graceMs;
  const preStop = container.lifecycle?.preStop;
  if (preStop?.sleep !== undefined) {
    await settlesWithin(process.exited, Math.min(preStop.sleep.seconds * 1000, graceMs));
  } else if (preStop !== undefined) {
    const target = { container, podAddress, pid: process.pid, environment };
    await runAction(preStop, target, graceMs).catch((error: Error) => {
      console.error(`node agent: preStop of container ${container.name}: ${error.message}`);
    });
  }
  // What preStop has used up of the grace period still leaves two seconds, as by the kubelet.
  await process.stop(Math.max(deadline - performance.now(), Math.min(graceMs, minimumGraceMs)));
}

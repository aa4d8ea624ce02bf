import { constants } from 'node:os';
import type { ContainerState } from '../pod-status.ts';
import type { ProcessExit } from '../start-process.ts';

/** The code that a container reports: 128 and the signal's number when a signal ended it, 128 when it did not start. */
export function exitCodeOf({ code, signal }: ProcessExit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** The state of a container that has ended. */
export function describeTermination(exit: ProcessExit, startedAt: Date): ContainerState {
  const exitCode = exitCodeOf(exit);
  const failure = exit.error === undefined ? 'Error' : 'StartError';
  return {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : failure,
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
    },
  };
}

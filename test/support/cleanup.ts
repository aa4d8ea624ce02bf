import { after } from 'node:test';

/** Who sees to it that something is done after a test, or after all tests of a suite. */
export type Cleanup = Readonly<{ after: (action: () => unknown) => void }>;

/** For what all tests of a suite share; to be called in the suite itself. */
export function suiteCleanup(): Cleanup {
  const actions: (() => unknown)[] = [];
  after(async () => {
    for (const action of actions) {
      await action();
    }
  });
  return { after: (action) => actions.push(action) };
}

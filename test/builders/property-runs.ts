import { randomInt } from 'node:crypto';
import process from 'node:process';

const SEED = 'PROPERTY_SEED';
const RUNS = 'PROPERTY_RUNS';
const MAX_SEED = 2 ** 31;
/** What is tried of each property unless PROPERTY_RUNS is `all`. */
const SHORT_RUNS = 300;

/**
 * How often a property is tried, and from which seed. `PROPERTY_RUNS=all` tries it as often as it says; otherwise at most
 * 300 times. The seed is another one each time, and printed; `PROPERTY_SEED` repeats one.
 */
export function propertyRuns(allRuns: number): Readonly<{ numRuns: number; seed: number }> {
  const numRuns = process.env[RUNS] === 'all' ? allRuns : Math.min(allRuns, SHORT_RUNS);
  return { numRuns, seed: propertySeed() };
}

/** The seed of this run. It is chosen and printed once; the processes that this one starts have the same. */
export function propertySeed(): number {
  const seed = process.env[SEED];
  if (seed !== undefined) {
    return Number(seed);
  }
  const chosen = randomInt(MAX_SEED);
  process.env[SEED] = String(chosen);
  process.stdout.write(`${SEED}=${chosen}\n`);
  return chosen;
}

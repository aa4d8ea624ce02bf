const DEFAULT_SEED = 4711;

/**
 * How often a property is tried, and from which seed: always the same, so that a test that passed passes again.
 * `PROPERTY_SEED=$RANDOM npm test` tries other values.
 */
export function propertyRuns(numRuns: number): Readonly<{ numRuns: number; seed: number }> {
  return { numRuns, seed: Number(process.env['PROPERTY_SEED'] ?? DEFAULT_SEED) };
}

import type { CompiledAllowlist } from '../policy/compiled-allowlist.ts';

/** The names of lists as they are answered and logged. */
export function sortedNames(allowlists: readonly CompiledAllowlist[]): readonly string[] {
  return allowlists.map(({ name }) => name).sort();
}

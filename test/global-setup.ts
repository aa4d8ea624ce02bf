// What `node --test --test-global-setup` does once, before it starts the process of each file.
import { propertySeed } from './builders/property-runs.ts';

/** Chooses the seed of properties for all files, so that one line tells how to repeat them. */
export function globalSetup(): void {
  propertySeed();
}

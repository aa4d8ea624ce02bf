import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';

/** A directory of its own for a test, removed after it. */
export function temporaryDirectory(t: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
